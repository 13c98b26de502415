"""One thing of a document at a time: found or made, under its own ID, and whatever is wrong noted at its place."""

from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model

from connections import choices, rules, sections
from connections.errors import Invalid, Refused
from connections.ids import is_id
from connections.messages import message as _
from connections.models import Event, ResourceGroup
from connections.services.documents.reading import Fault, Reader
from connections.services.events import Actor, problems_of

# How a problem's field is called in a document.
_SAID = {"entry_destination": "destination"}
# What a document need not say.
_ABSENT = {"tags": {}, "resource_group": "", "auth_key": ""}


@dataclass
class Outcome:
    """What an import made, what was there already, and what was wrong. With faults, nothing was made.

    `waiting` is what another account has to make possible first: it is no fault, and the next import adds it.
    """

    made: list[str] = field(default_factory=list)
    there: list[str] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    waiting: list[Fault] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


class Maker:
    """Makes what is not there yet, and remembers by which ID the document speaks of it."""

    def __init__(self, actor: Actor, document):
        self.actor, self.document = actor, document
        self.reader, self.outcome = Reader(), Outcome()
        self.outcome.faults = self.reader.faults
        # By the document's ID: what other parts of it refer to. None: it was at fault, and is mentioned already.
        self.rows: dict[str, Model | None] = {}

    def step(self) -> Actor:
        """Every resource is an operation of its own, with an event of its own."""
        return Actor(self.actor.account, self.actor.name, role=self.actor.role)

    def wait(self, place: str, message) -> None:
        self.outcome.waiting.append(Fault(place, message))

    def make(self, place: str, wanted: str, do, *, waits: bool = False) -> Model | None:
        """Do it; note what is wrong by its place in the document. A refusal may mean that it has to wait."""
        try:
            with transaction.atomic():
                made = do()
        except Invalid as invalid:
            for problem in invalid.problems:
                self.reader.fault(self._place(place, problem), problem.message)
        except Refused as refused:
            (self.wait if waits else self.reader.fault)(place, refused.message)
        else:
            self.outcome.made.append(made.resource_id)
            if wanted and made.resource_id != wanted:
                self.outcome.renamed[wanted] = made.resource_id
            return made
        return None

    @staticmethod
    def _place(place: str, problem: rules.Problem) -> str:
        of_connection = place.startswith("connections[") and place.endswith("]")
        if of_connection and problem.field in sections.TUNNEL_FIELDS:
            return f"{place}.tunnels[{problem.tunnel - 1}].{problem.field}"
        if of_connection and problem.field in sections.ATTACHMENT_FIELDS:
            return f"{place}.attachment.{problem.field}"
        return f"{place}.{_SAID.get(problem.field, problem.field)}"

    def begin(self, model, values: dict, place: str, same) -> tuple[str, bool]:
        """The ID of an item, and whether it has to be made. `same` compares with what the account has under the ID."""
        wanted = self.reader.text(values, "id", place)
        if wanted in self.rows:
            self.reader.fault(f"{place}.id", _("This ID stands twice in the document."))
            return wanted, False
        self.rows[wanted or place] = None
        mine = model.objects.of(self.actor.account).filter(resource_id=wanted).first() if wanted else None
        if mine is None:
            return wanted, True
        self.rows[wanted] = mine
        self.outcome.there.append(wanted)
        if not same(mine):
            self.differs(place, wanted)
        return wanted, False

    def differs(self, place: str, wanted: str) -> None:
        self.reader.fault(place, _("{id} is there with other values, which stay: importing only adds.", id=wanted))

    def identify(self, row, wanted: str) -> None:
        """Keep the ID of the document, unless it is taken: then the row gets one of its own.

        An ID is taken for good by another account that has ever had it, so that no history comes with it. The actor's
        account may use its own again.
        """
        if not is_id(wanted, row.PREFIX) or type(row).objects.filter(resource_id=wanted).exists():
            return
        done = Event.objects.filter(resource_id=wanted, outcome=choices.Outcome.SUCCESS)
        if not done.exclude(account=self.actor.account).exists():
            row.resource_id = wanted

    def group(self, values: dict, place: str) -> ResourceGroup:
        """A resource group by its name; one that is missing comes with what it holds."""
        name = self.reader.text(values, "resource_group", place)
        if not name:
            return self.actor.account.default_resource_group
        if problems := list(rules.text_problems("resource_group", name, rules.GROUP_NAME_LENGTH)):
            for problem in problems:
                self.reader.fault(f"{place}.resource_group", problem.message)
            return self.actor.account.default_resource_group
        return ResourceGroup.objects.get_or_create(account=self.actor.account, name=name)[0]

    def same(self, told: dict, values: dict, without=()) -> bool:
        """Whether a document's item says what is there. What it leaves out it does not contradict."""
        return all(told.get(name, _ABSENT.get(name)) == value for name, value in values.items() if name not in without)

    def owner(self, values: dict, place: str) -> str:
        """The UID of another account."""
        owner = self.reader.text(values, "owner", place)
        # As an authorization is judged, which names one as well.
        for problem in rules.authorization_problems(self.actor.account.uid, owner, "cen-x"):
            self.reader.fault(f"{place}.owner", problem.message)
        return owner

    def judge(self, row: Model, place: str) -> None:
        """Let a row judge itself, where it stands."""
        try:
            row.clean()
        except ValidationError as error:
            for problem in problems_of(error):
                self.reader.fault(f"{place}.{problem.field}", problem.message)

    def refer(self, model, wanted: str, place: str):
        """What another part of the document, or of the account, has under an ID."""
        if wanted in self.rows:
            row = self.rows[wanted]
            if isinstance(row, model) or row is None:
                return row
        elif row := model.objects.filter(account=self.actor.account, resource_id=wanted).first():
            return row
        self.reader.fault(place, _("There is nothing with the ID {id}, here or in the account.", id=wanted[:40]))
        return None

    def parts(self, model, names, values: dict, above: str, kind: str) -> list[tuple[str, Model]]:
        parts = []
        for place, item in self.reader.items(values.get(kind), f"{above}.{kind}"):
            row = model()
            self.reader.fill(row, self.reader.mapping(item, place, set(names)), names, place)
            parts.append((place, row))
        return parts


def covers(told, wanted) -> bool:
    """Whether everything that is wanted is told, at every depth. Lists are compared in their order."""
    if isinstance(wanted, dict):
        return isinstance(told, dict) and all(covers(told.get(name), value) for name, value in wanted.items())
    if isinstance(wanted, list):
        return (not wanted and not told) or (
            isinstance(told, list) and len(told) == len(wanted) and all(map(covers, told, wanted))
        )
    return told == wanted or (wanted == {} and told is None)


def without(value, *names: str):
    """The same without some fields, at every depth."""
    if isinstance(value, dict):
        return {name: without(one, *names) for name, one in value.items() if name not in names}
    return [without(one, *names) for one in value] if isinstance(value, list) else value
