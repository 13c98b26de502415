"""Operations: each runs in one transaction and writes an event with its outcome."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db.models import Model

from connections import clock, ids, metrics
from connections.domain import refusals, roles
from connections.domain.choices import AccessKeyStatus, Outcome, Role
from connections.domain.problems import Problem
from connections.domain.refusals import Invalid, Refused
from connections.domain.roles import Right
from connections.messages import Message
from connections.models import AccessKey, Account, Event, Submission, User
from connections.services.write_lock import after_work, turn, work


@dataclass(frozen=True)
class Answer:
    """The answer to a processed form: the address it leads to, and the message shown there."""

    leads_to: str = ""
    said: str = ""


@dataclass(frozen=True)
class Actor:
    """Who runs an operation, and its request ID."""

    account: Account
    name: str
    request_id: str = field(default_factory=ids.request_id)
    # The default is for the program itself: commands, the demo.
    role: str = Role.ADMINISTRATOR
    # Checked again when the operation begins: the right or the key may have been lost while it waited.
    user: User | None = None
    key: AccessKey | None = None
    # The form's token: a form is processed once per token, and every repetition gets the same answer.
    token: str = ""
    answer: Answer = Answer()

    @classmethod
    def of(cls, user: User, request_id: str = "", token: str = "", key: AccessKey | None = None) -> "Actor":
        return cls(user.account, user.username, request_id or ids.request_id(), user.role, user, key, token)

    def answered(self, answer: Answer) -> "Actor":
        """Return a copy with the answer to the form."""
        return replace(self, answer=answer)

    def apart(self) -> "Actor":
        """Return a copy with a request ID of its own, for one of several operations of a request."""
        return replace(self, request_id=ids.request_id())


def ask_again(actor: Actor, right: Right | None) -> None:
    """Refuse a user who has been disabled or has lost the right. The account is locked, so this cannot change now."""
    if actor.user is None:
        return
    user = User.objects.filter(pk=actor.user.pk).first()
    if user is None or not user.is_let_in or not _has_active_key(actor):
        raise Refused(refusals.LET_OUT)
    if right is not None and not user.may(right):
        raise Refused(refusals.FORBIDDEN[right], role=Role(user.role))


def _has_active_key(actor: Actor) -> bool:
    """Whether the actor's access key is still active; true without a key."""
    if actor.key is None:
        return True
    return AccessKey.objects.filter(pk=actor.key.pk, status=AccessKeyStatus.ACTIVE).exists()


class AlreadyDone(Exception):
    """The form has been submitted before and was processed."""

    def __init__(self, submission: Submission):
        self.submission = submission
        super().__init__(submission.token)


# How long repetitions of a form are recognized.
REMEMBERED = timedelta(days=1)


def submission_of(actor: Actor) -> Submission | None:
    """Return the record of the actor's form if it was processed before."""
    return Submission.objects.filter(token=actor.token, user=actor.user).first() if actor.token else None


def _remember(actor: Actor, resource_id: str) -> None:
    if actor.token and actor.user is not None:
        Submission.objects.filter(user=actor.user, at__lt=clock.now() - REMEMBERED).delete()
        Submission.objects.create(
            user=actor.user,
            token=actor.token,
            request_id=actor.request_id,
            resource_id=resource_id,
            leads_to=actor.answer.leads_to,
            said=actor.answer.said,
        )


@dataclass
class Record:
    """What an operation's event will say; filled while the operation runs."""

    resource_id: str = ""
    related_id: str = ""
    facts: dict = field(default_factory=dict)
    # Further resources of the same operation: each gets an event with another request ID.
    others: list["Record"] = field(default_factory=list)


def problems_of(error: ValidationError, tunnel: int = 1) -> list[Problem]:
    """Turn an error of `full_clean()` into problems."""
    return [
        Problem(name, cause.code or "invalid", _sentence(cause), tunnel)
        for name, causes in error.error_dict.items()
        for cause in causes
    ]


def own_problems(row: Model, *, exclude: Sequence[str], tunnel: int = 1) -> list[Problem]:
    """Judge a row by itself, without queries."""
    try:
        row.full_clean(exclude=exclude, validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        return problems_of(error, tunnel)
    return []


def _sentence(error: ValidationError) -> Message | str:
    """Return the rule's message, or Django's text in the active language."""
    return error.message if isinstance(error.message, Message) else " ".join(error.messages)


# Repeated attempts without the right are recorded once an hour for each operation and resource.
FORBIDDEN_EVERY = timedelta(hours=1)
_FORBIDDEN = {reason.code for reason in refusals.FORBIDDEN.values()}


def write_refusal(event: Event) -> None:
    """Write the event of a refusal, after the transaction that the refusal rolls back.

    Of refusals without the right, only the first in an hour is written, by user, operation, resource and facts.
    """

    def write() -> None:
        with turn():
            if event.code not in _FORBIDDEN or not _was_written(event):
                event.save()

    after_work(write)


def _was_written(event: Event) -> bool:
    same = Event.objects.of(event.account).filter(
        at__gt=event.at - FORBIDDEN_EVERY,
        actor=event.actor,
        operation=event.operation,
        resource_id=event.resource_id,
        code=event.code,
    )
    return event.facts in same.values_list("facts", flat=True)


def turn_away(actor: Actor, right: Right, page: str, resource_id: str = "", region_id: str = "") -> Message:
    """Record that a page was refused before any operation began, and return the reason."""
    refusal = Refused(refusals.FORBIDDEN[right], role=Role(actor.role))
    metrics.count(metrics.OPERATIONS, "OpenPage", "refused")
    write_refusal(
        Event(
            account=actor.account,
            request_id=actor.request_id,
            actor=actor.name,
            operation="OpenPage",
            resource_id=resource_id,
            region_id=region_id,
            facts={"page": page},
            **_refused(refusal),
        )
    )
    return refusal.message


def _refused(refusal: Refused) -> dict:
    """Return the fields of an event that describe a refusal."""
    return {
        "outcome": Outcome.REFUSED,
        "code": refusal.code,
        "message": refusal.message[:500],
        "message_parts": refusal.message.parts(),
    }


def event_of(record: Record, actor: Actor, name: str, region_id: str, request_id: str, **how_it_ended: Any) -> Event:
    """Return the event of one operation on one resource, not stored yet."""
    return Event(
        account=actor.account,
        request_id=request_id,
        actor=actor.name,
        operation=name,
        resource_id=record.resource_id,
        related_id=record.related_id,
        region_id=region_id,
        facts=record.facts,
        **how_it_ended,
    )


# Whatever is called with the name and the resource of each operation before it begins; it may refuse it.
_listener: ContextVar[Callable[[str, str], None] | None] = ContextVar("listener", default=None)


@contextmanager
def beginnings_told_to(listener: Callable[[str, str], None]) -> Iterator[None]:
    """Call `listener` before each operation of the block, in this thread."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


@contextmanager
def operation(
    actor: Actor, name: str, *, region_id: str = "", resource_id: str = "", right: Right | None = Right.WRITE
) -> Iterator[Record]:
    """Run an operation in one transaction that locks the account, so that its operations run one after another.

    The event is part of the transaction; a refusal's event is written after the outermost transaction has ended. An
    actor without the right is refused before anything is read. `right=None`: every role may run the operation.
    """
    record = Record(resource_id)

    try:
        ended = "failed"
        if right is not None and not roles.may(actor.role, right):
            raise Refused(refusals.FORBIDDEN[right], role=Role(actor.role))
        if listener := _listener.get():
            listener(name, resource_id)
        with work():
            # Its settings may have changed since the request read it.
            actor.account.refresh_from_db(from_queryset=Account.objects.select_for_update(no_key=True))
            clock.move_on()
            ask_again(actor, right)
            if before := submission_of(actor):
                raise AlreadyDone(before)
            try:
                yield record
            except ObjectDoesNotExist as error:
                # Deleted by another operation in the meantime.
                raise Refused(refusals.GONE, what=record.resource_id or name) from error
            event_of(record, actor, name, region_id, actor.request_id, outcome=Outcome.SUCCESS).save()
            others = [
                event_of(other, actor, name, region_id, ids.request_id(), outcome=Outcome.SUCCESS)
                for other in record.others
            ]
            Event.objects.bulk_create(others)
            _remember(actor, record.resource_id)
        ended = "success"
    except Refused as refusal:
        ended = "refused"
        write_refusal(event_of(record, actor, name, region_id, actor.request_id, **_refused(refusal)))
        raise
    except AlreadyDone:
        ended = "repeated"
        raise
    except Invalid:
        ended = "invalid"
        raise
    except ValidationError as error:
        ended = "invalid"
        raise Invalid(problems_of(error)) from error
    finally:
        metrics.count(metrics.OPERATIONS, name, ended)
