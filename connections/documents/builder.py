"""One thing of a document at a time: found or judged, under its own ID, and whatever is wrong noted at its place.

Nothing is written here, and no lock is held: what is judged may take its time.
"""

from dataclasses import dataclass, field
from typing import TypeVar

from django.db.models import Model

from connections.documents import exporter, stored
from connections.documents.validator import Fault, Reader, Survey
from connections.domain import limits, rules, sections
from connections.domain.problems import Problem
from connections.domain.refusals import Invalid, Refused
from connections.ids import is_id
from connections.messages import message as _
from connections.models import Attachment, Cen, Connection, CustomerGateway, ResourceGroup, TransitRouter
from connections.services.inserts import New
from connections.services.operations import Actor, own_problems

M = TypeVar("M", bound=Model)

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
    # How many faults there are beyond the first hundred.
    more_faults: int = 0

    @property
    def count(self) -> int:
        """How many faults there are."""
        return len(self.faults) + self.more_faults


class Maker:
    """Judges what is not there yet, and remembers by which ID the document speaks of it."""

    def __init__(self, actor: Actor, reader: Reader, survey: Survey):
        self.actor, self.reader, self.outcome = actor, reader, Outcome()
        account = actor.account
        # By the document's ID: what other parts of it refer to. None: it was at fault, and is mentioned already.
        self.rows: dict[str, Model | None] = {}
        # What is to be inserted: groups that the account lacks, and resources in the document's order.
        self.new_groups: list[ResourceGroup] = []
        self.new: list[New] = []
        # What the account has, by model and ID, as far as the document names it.
        self.mine = {
            CustomerGateway: stored.by_id(exporter.gateways_of(account), survey.ids),
            Cen: stored.by_id(exporter.cens_of(account), survey.ids),
            TransitRouter: stored.by_id(exporter.routers_of(account).select_related("cen"), survey.ids),
            Connection: stored.by_id(exporter.connections_of(account), survey.ids),
            Attachment: stored.by_id(Attachment.objects.filter(account=account), survey.ids),
        }
        self.groups = {group.name: group for group in account.resource_groups.all()}
        # IDs that nothing new gets, and those of the document that are kept.
        self.taken = stored.taken_ids(account, survey.ids)
        self.kept: set[str] = set()
        # Connections of other accounts that are to be attached.
        self.attached: set[str] = set()

    def wait(self, place: str, message) -> None:
        self.outcome.waiting.append(Fault(place, message))

    def make(self, place: str, wanted: str, judge, *, waits: bool = False) -> Model | None:
        """Judge it; note what is wrong by its place in the document. A refusal may mean that it has to wait."""
        try:
            new = judge()
        except Invalid as invalid:
            for problem in invalid.problems:
                self.reader.fault(self._place(place, problem), problem.message)
        except Refused as refused:
            (self.wait if waits else self.reader.fault)(place, refused.message)
        else:
            self.new.append(new)
            made_id = new.resource.resource_id
            self.outcome.made.append(made_id)
            if wanted not in ("", place, made_id):
                self.outcome.renamed[wanted] = made_id
            return new.resource
        return None

    @staticmethod
    def _place(place: str, problem: Problem) -> str:
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
        mine = self.mine[model].get(wanted)
        if mine is None:
            # Without an ID nothing refers to it; its place is as good as one.
            return wanted or place, True
        self.rows[wanted] = mine
        self.outcome.there.append(wanted)
        if not same(mine):
            self.differs(place, wanted)
        return wanted, False

    def differs(self, place: str, wanted: str) -> None:
        self.reader.fault(place, _("{id} is there with other values, which stay: importing only adds.", id=wanted))

    def identify(self, row, wanted: str, prefix: str = "", name: str = "resource_id") -> None:
        """Keep the ID of the document, unless it is taken: then the row gets one of its own."""
        if is_id(wanted, prefix or row.PREFIX) and wanted not in self.taken:
            setattr(row, name, wanted)
            self.taken.add(wanted)
            self.kept.add(wanted)

    def group(self, values: dict, place: str) -> ResourceGroup:
        """A resource group by its name; one that is missing comes with what it holds."""
        name = self.reader.text(values, "resource_group", place)
        if not name:
            return self.actor.account.default_resource_group
        if problems := list(rules.text_problems("resource_group", name, limits.GROUP_NAME_LENGTH)):
            for problem in problems:
                self.reader.fault(f"{place}.resource_group", problem.message)
            return self.actor.account.default_resource_group
        if name not in self.groups:
            self.groups[name] = ResourceGroup(account=self.actor.account, name=name)
            self.new_groups.append(self.groups[name])
        return self.groups[name]

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

    def judge_row(self, row: Model, place: str) -> None:
        """Let a row judge itself, where it stands."""
        for problem in own_problems(row, exclude=[column.name for column in row._meta.fields]):
            self.reader.fault(f"{place}.{problem.field}", problem.message)

    def refer(self, model, wanted: str, place: str):
        """What another part of the document, or of the account, has under an ID."""
        if wanted in self.rows:
            row = self.rows[wanted]
            if isinstance(row, model) or row is None:
                return row
        elif row := self.mine[model].get(wanted):
            return row
        self.reader.fault(place, _("There is nothing with the ID {id}, here or in the account.", id=wanted[:40]))
        return None

    def parts(self, model: type[M], names, values: dict, above: str, kind: str) -> list[tuple[str, M]]:
        """The rows of one list below an item, each with its place."""
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
