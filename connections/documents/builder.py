"""Build the rows for one resource of a document at a time, and collect what is wrong with each.

Nothing is written here, and no lock is held, however long it takes.
"""

from dataclasses import dataclass, field
from typing import TypeVar

from django.db.models import Model

from connections.documents import exporter, stored
from connections.documents.validator import Fault, Survey, Validator
from connections.domain import limits, rules, sections
from connections.domain.problems import Problem
from connections.domain.refusals import Invalid, Refused
from connections.ids import is_id
from connections.messages import message as _
from connections.models import Attachment, Cen, Connection, CustomerGateway, ResourceGroup, RouteTable, TransitRouter
from connections.services.inserts import New
from connections.services.operations import Actor, own_problems

M = TypeVar("M", bound=Model)

# The names of problems' fields in a document, where they differ.
_NAMES = {"entry_destination": "destination"}
# The values of fields that a document may leave out.
_DEFAULTS = {"tags": {}, "resource_group": "", "auth_key": ""}


@dataclass
class ImportResult:
    """The IDs that an import created and those that existed, and what was wrong. With faults, nothing was created.

    `waiting` lists what another account has to make possible first. It is not a fault; a later import adds it.
    """

    made: list[str] = field(default_factory=list)
    there: list[str] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    waiting: list[Fault] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    # The number of faults beyond the first hundred.
    more_faults: int = 0

    @property
    def count(self) -> int:
        """The number of faults."""
        return len(self.faults) + self.more_faults


class Builder:
    """Builds the resources that the account lacks, and resolves the document's references to IDs."""

    def __init__(self, actor: Actor, validator: Validator, survey: Survey):
        self.actor, self.validator, self.outcome = actor, validator, ImportResult()
        account = actor.account
        # The rows that other parts refer to, by the document's IDs. None: the row is faulty, which is reported already.
        self.rows: dict[str, Model | None] = {}
        # The rows to insert: groups that the account lacks, and resources in the document's order.
        self.new_groups: list[ResourceGroup] = []
        self.new: list[New] = []
        # The account's resources that the document names, by model and ID.
        self.mine = {
            CustomerGateway: stored.by_id(exporter.gateways_of(account), survey.ids),
            Cen: stored.by_id(exporter.cens_of(account), survey.ids),
            TransitRouter: stored.by_id(exporter.routers_of(account).select_related("cen"), survey.ids),
            RouteTable: stored.by_id(exporter.tables_of(account).select_related("transit_router"), survey.ids),
            Connection: stored.by_id(exporter.connections_of(account), survey.ids),
            Attachment: stored.by_id(Attachment.objects.filter(account=account), survey.ids),
        }
        groups = list(account.resource_groups.all())
        self.groups = {group.name: group for group in groups}
        self.default_group = next(group for group in groups if group.is_default)
        # IDs that no new row may get, and those of the document that new rows have got.
        self.taken = stored.taken_ids(account, survey.ids)
        self.kept: set[str] = set()
        # Connections of other accounts that the import attaches.
        self.attached: set[str] = set()

    def wait(self, place: str, message) -> None:
        self.outcome.waiting.append(Fault(place, message))

    def make(self, place: str, own_id: str, judge, *, waits: bool = False) -> Model | None:
        """Build a resource with `judge`, and collect its problems. `waits`: a refusal is not a fault, but waits."""
        try:
            new = judge()
        except Invalid as invalid:
            for problem in invalid.problems:
                self.validator.fault(self._place(place, problem), problem.message)
        except Refused as refused:
            (self.wait if waits else self.validator.fault)(place, refused.message)
        else:
            self.new.append(new)
            new_id = new.resource.resource_id
            self.outcome.made.append(new_id)
            if own_id not in ("", place, new_id):
                self.outcome.renamed[own_id] = new_id
            return new.resource
        return None

    @staticmethod
    def _place(place: str, problem: Problem) -> str:
        of_connection = place.startswith("connections[") and place.endswith("]")
        if of_connection and problem.field in sections.TUNNEL_FIELDS:
            return f"{place}.tunnels[{problem.tunnel - 1}].{problem.field}"
        if of_connection and problem.field in sections.ATTACHMENT_FIELDS:
            return f"{place}.attachment.{problem.field}"
        return f"{place}.{_NAMES.get(problem.field, problem.field)}"

    def begin(self, model, values: dict, place: str, same) -> tuple[str, bool]:
        """The ID of an item, and whether it is new. `same` compares an existing resource with the item."""
        own_id = self.validator.text(values, "id", place)
        if own_id in self.rows:
            self.validator.fault(f"{place}.id", _("This ID stands twice in the document."))
            return own_id, False
        self.rows[own_id or place] = None
        mine = self.mine[model].get(own_id)
        if mine is None:
            # Nothing refers to an item without an ID, so its place serves as one.
            return own_id or place, True
        self.rows[own_id] = mine
        self.outcome.there.append(own_id)
        if not same(mine):
            self.differs(place, own_id)
        return own_id, False

    def differs(self, place: str, own_id: str) -> None:
        self.validator.fault(place, _("{id} is there with other values, which stay: importing only adds.", id=own_id))

    def identify(self, row, own_id: str, prefix: str = "", name: str = "resource_id") -> None:
        """Give a row the document's ID, unless the ID is taken: the row then gets a generated one."""
        if is_id(own_id, prefix or row.PREFIX) and own_id not in self.taken:
            setattr(row, name, own_id)
            self.taken.add(own_id)
            self.kept.add(own_id)

    def group(self, values: dict, place: str) -> ResourceGroup:
        """The resource group with this name. If the account has none, one is created."""
        name = self.validator.text(values, "resource_group", place)
        if not name:
            return self.default_group
        if problems := list(rules.text_problems("resource_group", name, limits.GROUP_NAME_LENGTH)):
            for problem in problems:
                self.validator.fault(f"{place}.resource_group", problem.message)
            return self.default_group
        if name not in self.groups:
            self.groups[name] = ResourceGroup(account=self.actor.account, name=name)
            self.new_groups.append(self.groups[name])
        return self.groups[name]

    def same(self, stored: dict, values: dict, without=()) -> bool:
        """Whether an item agrees with what is stored. Fields that it leaves out agree."""
        return all(
            stored.get(name, _DEFAULTS.get(name)) == value for name, value in values.items() if name not in without
        )

    def owner(self, values: dict, place: str) -> str:
        """The UID of another account."""
        owner = self.validator.text(values, "owner", place)
        # By the rules of authorizations, which name an account as well.
        for problem in rules.authorization_problems(self.actor.account.uid, owner, "cen-x"):
            self.validator.fault(f"{place}.owner", problem.message)
        return owner

    def judge_row(self, row: Model, place: str) -> None:
        """Collect the problems of a row by itself."""
        for problem in own_problems(row, exclude=[column.name for column in row._meta.fields]):
            self.validator.fault(f"{place}.{problem.field}", problem.message)

    def refer(self, model, target_id: str, place: str):
        """The row with an ID, in the document or the account. None if there is none, or it is faulty."""
        if target_id in self.rows:
            row = self.rows[target_id]
            if isinstance(row, model) or row is None:
                return row
        elif row := self.mine[model].get(target_id):
            return row
        self.validator.fault(place, _("There is nothing with the ID {id}, here or in the account.", id=target_id[:40]))
        return None

    def parts(self, model: type[M], names, values: dict, above: str, kind: str) -> list[tuple[str, M]]:
        """The rows of one list below an item, each with its place."""
        parts = []
        for place, item in self.validator.items(values.get(kind), f"{above}.{kind}"):
            row = model()
            self.validator.fill(row, self.validator.mapping(item, place, set(names)), names, place)
            parts.append((place, row))
        return parts


def covers(stored, item) -> bool:
    """Whether stored values contain everything in an item, at every depth. Lists are compared in order."""
    if isinstance(item, dict):
        return isinstance(stored, dict) and all(covers(stored.get(name), value) for name, value in item.items())
    if isinstance(item, list):
        return (not item and not stored) or (
            isinstance(stored, list) and len(stored) == len(item) and all(map(covers, stored, item))
        )
    return stored == item or (item == {} and stored is None)


def without(value, *names: str):
    """A copy of a value without some fields, at every depth."""
    if isinstance(value, dict):
        return {name: without(one, *names) for name, one in value.items() if name not in names}
    return [without(one, *names) for one in value] if isinstance(value, list) else value
