"""What the simulator decides of two sides is what two daemons of strongSwan make of them, but for known differences.

See docs/negotiation.md, "Held against real daemons".
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from connections.domain.choices import NegotiationStatus
from connections.negotiation import Part
from connections.negotiation.decisions import DECISIONS, Ending, decide
from connections.negotiation.pair import Pair
from connections.negotiation.remarks import changes_late
from tests.lab.cloud import GROUP
from tests.lab.draws import CHANGES, COUNT, MODES, PLANNED, Draw, draw
from tests.lab.expectations import DIFFERENCES, decided, expected, observed, occurring
from tests.lab.parallel import Heard, ParallelLab
from tests.lab.stage import TALLY, text

# Pairs that negotiate at once.
BATCH = 500
# A difference in the page: its name, the number of pairs that it decides, and what the model does.
ROW = r"^\| ([^|]+) \| (\d+) \| [^|]+ \|$"
PAGE = Path(__file__).parents[2] / "docs" / "negotiation.md"
# What ikev1 offers in seconds in place of no limit, which is not compared.
DEFAULT_LIFETIME = "28800"
# Rows that daemons cannot show: nothing is negotiated, or strongSwan has no such setting.
NOT_SHOWN = {"A1", "J3", "M3", "M4", "U12"}


def pytest_generate_tests(metafunc):
    if "first" in metafunc.fixturenames:
        full = metafunc.config.getoption("--lab") == "full"
        metafunc.parametrize("first", range(0, COUNT if full else len(PLANNED), BATCH))


def sample() -> list[Draw]:
    return [draw(index) for index in range(len(PLANNED))]


def test_the_usual_run_lets_every_two_changes_meet():
    pairs = sample()
    assert {pair.changes for pair in pairs} >= set(itertools.combinations(CHANGES, 2))
    for name, values in (("mode", list(MODES)), ("part", list(Part))):
        met = {(change, getattr(pair, name)) for pair in pairs for change in pair.changes}
        assert met >= set(itertools.product(CHANGES, values)) - {("port 500", Part.RESPONDER)}


@pytest.mark.full
def test_every_known_difference_occurs_as_often_as_the_page_says():
    pairs = [pair for pair in map(draw, range(COUNT)) if pair.part]
    found = Counter(name for pair in pairs for name in occurring(pair, pair.part))
    assert set(found) == set(DIFFERENCES)
    assert found == {name: int(count) for name, count in re.findall(ROW, PAGE.read_text(), re.MULTILINE)}


@pytest.mark.full
def test_every_row_is_drawn_that_daemons_can_show():
    pairs = map(draw, range(COUNT))
    rows = {decide(Pair(pair.cloud, pair.device, pair.part)).row for pair in pairs}
    assert rows == {decision.row for decision in DECISIONS} - NOT_SHOWN


@pytest.mark.full
def test_every_two_stages_compete():
    """In some pair the one decides, and the other would without it. E is left out: daemons look at modes elsewhere."""
    pairs = [pair for pair in map(draw, range(COUNT)) if pair.part]
    stages = "CDFGHJKLM"
    met = set()
    for stage in stages:
        others = tuple(decision for decision in DECISIONS if decision.row[0] != stage)
        decided_by_it = [pair for pair in pairs if decided(pair, pair.part).row[0] == stage]
        met |= {(stage, decided(pair, pair.part, others).row[0]) for pair in decided_by_it}
    assert met >= set(itertools.combinations(stages, 2))


def selectors(heard: Heard, *names: str) -> list[list[str]]:
    return [sorted(value.decode() for value in heard.children[0][name]) for name in names]


def received_lifetimes(heard: Heard) -> set[tuple[str, ...]]:
    """Lifetimes of phase 2 that a daemon is offered and has, where they differ."""
    found = (re.fullmatch(r"received (\d+)s lifetime, configured (\d+)s", line) for line in heard.lines)
    return {match.groups() for match in found if match and match[2] != "0" and match[1] != DEFAULT_LIFETIME}


def offered_lifetimes(pair: Draw) -> set[tuple[str, ...]]:
    theirs, ours = pair.device.ipsec_lifetime, pair.cloud.ipsec_lifetime
    return {(str(theirs), str(ours))} if theirs != ours and theirs and ours else set()


def problems(pair: Draw, cloud: dict, device: dict) -> Iterator[str]:
    """Where the daemons disagree with the model: who starts, how far they come and why not further, the networks."""
    part = pair.part
    arrived = cloud.get((pair.name, False))
    if part is None:
        if arrived or (pair.name, True) in cloud:
            yield "nobody starts, but something was negotiated"
        return
    is_awaited = part == Part.RESPONDER and decided(pair, part).verdict(part).ending != Ending.NOTHING
    if bool(arrived) != is_awaited:
        yield f"the cloud is {part}, but the device's packets {'arrive' if arrived else 'do not arrive'}"
    starts = part == Part.INITIATOR
    ends = cloud.get((pair.name, starts), Heard()), device.get((pair.name, not starts), Heard())
    awaited, seen = expected(pair, part), observed(*ends, pair.is_v1)
    if awaited != seen:
        yield f"{awaited} by row {decided(pair, part).row}, but {seen}"
        return
    if seen.status != NegotiationStatus.IPSEC_UP:
        return
    if pair.is_v1 and part == Part.RESPONDER and received_lifetimes(ends[0]) != offered_lifetimes(pair):
        yield f"the cloud is offered {received_lifetimes(ends[0])}, not {offered_lifetimes(pair)}"
    both = Pair(pair.cloud, pair.device, part)
    if decide(both).row == "N1":
        agreed = [sorted(both.agreed.local), sorted(both.agreed.remote)]
        found = selectors(ends[0], "local-ts", "remote-ts"), selectors(ends[1], "remote-ts", "local-ts")
        if found != (agreed, agreed):
            yield f"{agreed} agreed, but {found}"


def late_problems(pairs: Sequence[Draw], lab: ParallelLab) -> Iterator[tuple[Draw, str]]:
    """Where a renewal of keys with ikev2 is refused or not against the model, or takes the wrong group."""
    refused = lab.rekey(pairs)
    groups = {text(child, "name"): text(child, "dh-group") for child in lab.cloud.installed()}
    for pair in pairs:
        is_late = changes_late(Pair(pair.cloud, pair.device, pair.part))
        if refused[pair.name] != is_late:
            yield pair, f"the renewal of keys was {'refused' if refused[pair.name] else 'accepted'}"
        elif not is_late and groups[pair.name] != GROUP[pair.cloud.ipsec_pfs]:
            yield pair, f"keys were renewed with {groups[pair.name]}"


def disagreements(lab: ParallelLab, pairs: Sequence[Draw]) -> dict[Draw, str]:
    lab.negotiate(pairs)
    cloud, device = (lab.heard(side) for side in lab.sides)
    found = {pair: "; ".join(texts) for pair in pairs if (texts := list(problems(pair, cloud, device)))}
    up = [
        pair
        for pair in pairs
        if pair.part and pair not in found and expected(pair, pair.part).status == NegotiationStatus.IPSEC_UP
    ]
    TALLY["tunnels"] += len(up)
    return found | dict(late_problems([pair for pair in up if not pair.is_v1], lab))


@pytest.mark.usefixtures("_able")
def test_daemons_decide_as_the_model_does(tmp_path, first):
    pairs = [draw(index) for index in range(first, min(first + BATCH, COUNT))]
    with ExitStack() as stack:
        lab = ParallelLab(stack, tmp_path, pairs)
        found = disagreements(lab, pairs)
        if found:
            # A busy machine may have been too slow for some of so many.
            found = disagreements(lab, list(found))
    assert [f"{pair}: {problem}" for pair, problem in found.items()] == []
    TALLY["negotiations"] += sum(pair.part is not None for pair in pairs)
