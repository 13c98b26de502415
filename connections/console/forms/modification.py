"""The connection form over an existing connection: filled in, with locks and a list of changes."""

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from connections import diff
from connections.console import panels
from connections.console.forms.base import StoredSecret, keeps_stored, send
from connections.console.forms.connections import ConnectionForm, Part
from connections.console.forms.tags import pairs_of
from connections.console.forms.widgets import TagsField
from connections.console.words import tags_text
from connections.domain import sections
from connections.domain.choices import AssociateResource
from connections.domain.problems import Problem
from connections.models import Attachment, Connection, Event, Tunnel
from connections.numbers import whole_number
from connections.services.connections import locked, modification_problems
from connections.services.drafts import Draft

# In place of a key.
COVERED = "••••••••"


@dataclass(frozen=True)
class ChangeRow:
    """A line of the list of changes."""

    label: str
    before: str
    after: str
    cleared: bool


class ModificationForm(ConnectionForm):
    """Modify a connection. Locked fields show their value and the reason for the lock."""

    # A bound form with the same values. It lists the changes of a form that is shown without validation.
    preview: "ModificationForm | None" = None
    modifies = True
    # Posted by a page that shows the list of changes first; `review` is that of this form.
    REVIEWED = "reviewed"
    review = False
    # The number of tunnels cannot be changed, and a stored tunnel is no copy of the other.
    leads = {}

    def __init__(
        self,
        stored: Connection,
        data: QueryDict | None = None,
        *,
        values: QueryDict | None = None,
        known=None,
        only: int = 0,
    ):
        """`only`: the number of the tunnel that the form is about; 0 for the whole connection."""
        self.stored, self.only = stored, only
        self.locks = locked(stored)
        self.attachment_to_leave = stored.living_attachment
        posted = data if data is not None else values
        read_at = posted.get("revision", "") if posted is not None else ""
        # The revision of the connection when the page was opened; malformed ones count as 0.
        self.revision = stored.revision if posted is None else whole_number(read_at) or 0
        super().__init__(stored.account, stored.region, data, values=values, known=known)

    def again(self, values):
        return ModificationForm(self.stored, values=values, known=self.known_gateways, only=self.only)

    @property
    def locked_title(self):
        attachment = self.attachment_to_leave
        if attachment is None:
            return _("Fixed")
        router = attachment.transit_router
        own = not attachment.is_foreign
        return _("Fixed while attached to %(router)s") % {
            "router": (own and router.name) or router.resource_id,
        }

    @property
    def interrupts(self) -> bool:
        """Whether saving interrupts the traffic."""
        return bool(self._renegotiated)

    @property
    def needs_review(self) -> bool:
        """Whether a tunnel that is up would be interrupted, and the user has not seen the list of changes yet."""
        has_seen = self.REVIEWED in (self.posted or ())
        return not has_seen and any(tunnel.outcome.is_up for tunnel in self._renegotiated)

    @property
    def _renegotiated(self) -> list[Tunnel]:
        return diff.renegotiated(self.stored, self.draft.connection, self.found) if self.found else []

    def device_of(self, tunnel):
        return self.stored.tunnels.all()[tunnel.instance.index - 1].device

    @property
    def address(self):
        if self.only:
            tunnel = self.stored.tunnels.all()[self.only - 1]
            args = [self.stored.region_id, self.stored.resource_id, tunnel.resource_id]
            return reverse("tunnel-modify", args=args)
        return reverse("connection-modify", args=[self.stored.region_id, self.stored.resource_id])

    def count_tunnels(self, otherwise):
        return len(self.stored.tunnels.all())

    def instances(self) -> tuple[Connection, list[Tunnel], Attachment]:
        """Copies of the stored rows: forms change their instances, and changes are found by comparing them."""
        connection = copy.copy(self.stored)
        tunnels = [copy.copy(tunnel) for tunnel in self.stored.tunnels.all()]
        for tunnel in tunnels:
            tunnel.connection = connection
        attachment = self.stored.living_attachment
        return connection, tunnels, copy.copy(attachment) if attachment else Attachment(account=self.account)

    def prepare(self):
        # It only filters CEN instances, and this one is chosen already.
        del self.attachment.fields["resource_group"]
        for tunnel in self.tunnels:
            tunnel.initial["customer_gateway"] = tunnel.instance.customer_gateway.resource_id
            # The stored key is not part of the page.
            tunnel.initial["psk"] = ""
            tunnel["psk"].help_text = keeps_stored("")
            key = reverse("connection-psk", args=[self.stored.region_id, self.stored.resource_id])
            of_second = tunnel.instance.index > 1
            tunnel.stored_secrets["psk"] = StoredSecret(
                "psk", f"{key}?tunnel=2" if of_second else key, suffix="-2" if of_second else ""
            )
        self.tags.initial["tags"] = pairs_of(self.stored)
        parts: tuple[Part, ...] = (self.connection, self.attachment, *self.tunnels)
        for part in parts:
            part.locked_texts = {
                name: panels.row(self.stored, name) for name in self._shown_locks() if name in part.fields
            }

        if self.only:
            self.sections = tuple(
                section for section in self.sections if section.key.startswith(sections.tunnel_prefix(self.only))
            )
            for other in (self.connection, self.attachment, *self.tunnels, self.tags):
                if other is not self.tunnels[self.only - 1]:
                    other.fields = {}

    def _shown_locks(self) -> list[str]:
        placed = self.stored.living_attachment is not None
        return [name for name in self.locks if placed or name in ("network_type", "associate_resource")]

    def initial_decider(self, name, field):
        return getattr(self.stored, name)

    @cached_property
    def draft(self) -> Draft:
        for part in self.parts:
            part.errors  # noqa: B018 - validates the part
        return Draft(
            self.connection.instance,
            [tunnel.instance for tunnel in self.tunnels],
            None,
            self.tags.cleaned_data.get("tags", None if self.only else ()),
        )

    @cached_property
    def found(self) -> list[diff.Change]:
        """Differences from the stored connection, as far as values could be read."""
        if not self.is_bound:
            return []
        draft = self.draft
        return diff.of_connection(self.stored, draft.connection, draft.tunnels, draft.applicability)

    def spanning_problems(self) -> Iterable[Problem]:
        return [*self._forged(), *modification_problems(self.stored, self.draft, self.found, self.locks)]

    def _forged(self) -> Iterator[Problem]:
        """Report locked fields that were posted with another value; the page does not contain them."""
        for html_name, (part, name) in self._part_of.items():
            if name in self.locks and html_name in (self.posted or ()):
                field = part.fields[name]
                sent = field.widget.value_from_datadict(self.posted, {}, html_name)
                if str(sent) != str(self._stored_value(name)):
                    yield Problem(name, "locked", self.locks[name].reason)

    def _stored_value(self, name: str):
        """A locked field's value as a form would send it."""
        attachment = self.stored.living_attachment
        if name == "associate_resource":
            return AssociateResource(self.stored.associate_resource).value
        if name == "cen":
            return attachment.cen.resource_id if attachment else ""
        owner = self.stored if hasattr(self.stored, name) else attachment
        value = getattr(owner, name, "")
        return getattr(value, "resource_id", value)

    # --- list of changes -----------------------------------------------------------------------------------------

    @property
    def change_rows(self) -> list[ChangeRow]:
        if not self.is_bound:
            return []
        rows = []
        for change in self.found:
            before, after = (COVERED, _("changed")) if change.field in sections.SECRETS else (
                panels.in_words(self.stored, change.field, change.before),
                panels.in_words(self.stored, change.field, change.after),
            )  # fmt: skip
            label = panels.label_of(change.field, change.tunnel if len(self.tunnels) > 1 else 0)
            rows.append(ChangeRow(label, before, after, change.cleared))
        stored_tags, tags = pairs_of(self.stored), self.draft.tags
        if tags is not None and dict(tags) != dict(stored_tags):
            label = panels.label_of("tags")
            rows.append(ChangeRow(label, tags_text(stored_tags), tags_text(dict(tags).items()), False))
        return rows

    @property
    def effects(self) -> list[str]:
        return list(diff.effects(self.stored, self.draft.connection, self.found)) if self.found else []

    # --- concurrent editing --------------------------------------------------------------------------------------

    def rebased(self, events: Iterable[Event], refusal: str) -> "ModificationForm":
        """The form over the connection as another user has stored it meanwhile. `events` record their changes.

        Fields that this user changed keep their values, all others take the stored ones. Fields that both changed get a
        message.
        """
        data = self.copy_of_posted()
        # Actors by tunnel (0: the connection) and field.
        actors: dict[tuple[int, str], str] = {}
        for event in events:
            for key, fact in event.facts.items():
                name, tunnel = sections.field_of(key)
                actors.setdefault((sections.scope(name, tunnel), name), event.actor)
                html_names = self.html_names([name], tunnel)
                if html_names and self._follows(key, fact):
                    part, __ = self._part_of[html_names[0]]
                    send(data, part.fields[name], html_names[0], self._now(part, name))
        data["revision"] = str(self.stored.revision)
        form = ModificationForm(self.stored, data, only=self.only)
        form.is_valid()
        form.add_error(refusal)
        for (tunnel, name), actor in actors.items():
            html_names = form.html_names([name], tunnel)
            if html_names and name not in form.locks:
                part, __ = form._part_of[html_names[0]]
                secret = name in sections.SECRETS or name == "tags"
                value = "" if secret else panels.row(self.stored, name, tunnel or 1).words
                message = (
                    _("Changed by %(actor)s after you opened this page: %(value)s.") % {"actor": actor, "value": value}
                    if value
                    else _("Changed by %(actor)s after you opened this page.") % {"actor": actor}
                )
                part.warnings.setdefault(name, []).append(message)
        return form

    def _follows(self, key: str, fact) -> bool:
        """Whether a field still has the value that it had before the other user's change."""
        if key == "tags":
            return dict(self.tags.field_of(key, TagsField).to_python(self.tags[key].data)) == fact[0]
        own = next((change.fact for change in self.found if change.key == key), None)
        return own is None or (isinstance(fact, list) and isinstance(own, list) and own[1] == fact[0])

    def _now(self, part, name: str):
        """The stored value of a part's field."""
        if part is self.tags:
            return pairs_of(self.stored)
        row = self.stored if part is self.connection else self.stored.tunnels.all()[self.tunnels.index(part)]
        return diff.value_of(row, name)
