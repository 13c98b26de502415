"""Every shipped lab: nothing is done in an untouched world, all by the solution, never without one of its steps."""

from contextlib import ExitStack, contextmanager

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction

from connections import clock as clocks
from connections.domain.refusals import Refused
from tests.kit.labs.solving import SOLUTIONS, WRONG, Learner
from vpnconsole.kit import clockwork, labs, scenarios
from vpnconsole.kit.labs import facts, marking
from vpnconsole.kit.peers import ACTOR
from vpnconsole.kit.scenarios.building import MOMENT

pytestmark = pytest.mark.django_db


@contextmanager
def at(moment):
    """Within the block, it is this moment in the world."""
    with clocks.hold(moment), clocks.told_by(clockwork.WorldTime({"moment": moment.isoformat()})):
        yield


class World:
    """A lab in the database of the test. What is done in `after` is undone."""

    def __init__(self, name):
        self.lab = labs.shipped()[name]
        scenarios.SCENARIOS[self.lab.scenario].build()
        self.since = facts.last_event()

    def begin(self):
        self.base = marking.baseline(self.lab, facts.Facts())
        return self

    def after(self, steps, by=""):
        """The marks of the tasks after some steps. One that is not possible without an earlier one does nothing."""
        learner = Learner(by)
        with transaction.atomic(), ExitStack() as later:
            for step in steps:
                try:
                    with transaction.atomic():
                        step(learner)
                except (Refused, LookupError, ObjectDoesNotExist):
                    continue
                later.enter_context(at(MOMENT + learner.passed))
            found = facts.Facts(self.since, MOMENT, self.base, learner.answers, learner.by_key)
            marks = {mark.task: mark for mark in marking.mark(self.lab, found)}
            transaction.set_rollback(True)
        return marks


@pytest.fixture
def world():
    """A function that begins a lab; the clock stands at the first moment of its world."""
    with ExitStack() as held:
        held.enter_context(clocks.hold(MOMENT))

        def begun(name):
            made = World(name)
            held.enter_context(at(MOMENT))
            return made.begin()

        yield begun


def open_tasks(marks):
    return [name for name, mark in marks.items() if not mark.is_done]


def test_every_lab_has_a_solution_here():
    assert {*SOLUTIONS} == {*labs.shipped()}


@pytest.mark.parametrize("name", sorted(SOLUTIONS))
def test_marks_follow_what_is_done(name, world):
    lab = world(name)
    steps = SOLUTIONS[name]
    untouched = lab.after(())
    assert open_tasks(untouched) == [task.name for task in lab.lab.tasks]
    assert [mark for mark in untouched.values() if not mark.because] == []
    assert {task: mark.because for task, mark in lab.after(steps).items() if not mark.is_done} == {}
    for left_out in range(len(steps)):
        less = [step for number, step in enumerate(steps) if number != left_out]
        assert open_tasks(lab.after(less)), f"all of {name} is done without step {left_out + 1}"
    for wrong, task, instead in WRONG:
        if wrong == name:
            assert task in open_tasks(lab.after(instead)), f"{task} of {name} counts as done"


def by_persons(lab):
    """The first check of what a person has to do, by task."""
    found = {}
    for task in lab.tasks:
        for check in task.checks:
            if check.kind == "event" and check.values.get("by", "person") == "person":
                found.setdefault(task.name, check)
    return found


FOR_PERSONS = sorted(name for name, lab in labs.shipped().items() if by_persons(lab))


def test_labs_for_persons_are_all_but_two():
    assert {*labs.shipped()} - {*FOR_PERSONS} == {"api-with-an-sdk", "bug-hunt"}


@pytest.mark.parametrize("name", FOR_PERSONS)
def test_what_the_endpoint_does_is_not_done_by_a_person(name, world):
    """The whole solution, by the actor of the endpoint: nothing else is missing."""
    lab = world(name)
    marks = lab.after(SOLUTIONS[name], by=ACTOR)
    for task, check in by_persons(lab.lab).items():
        assert not marks[task].is_done
        assert marks[task].because == (check.because or next(check.faults(facts.Facts(lab.since))))
