"""One operation of one person: a transaction, and an event that says how it ended."""

from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db.models import Model

from connections import clock, errors, ids, metrics, roles
from connections.choices import AccessKeyStatus, Outcome, Role
from connections.errors import Invalid, Refused
from connections.messages import Message
from connections.models import AccessKey, Account, Event, Submission, User
from connections.prepared import Prepared
from connections.roles import Right
from connections.rules import Problem
from connections.services.turns import work


@dataclass(frozen=True)
class Answer:
    """What a form is answered once it has done its work: where that leads, and what is said there."""

    leads_to: str = ""
    said: str = ""


@dataclass(frozen=True)
class Actor:
    """Who asks for an operation, and under which request ID it will be found again."""

    account: Account
    name: str
    request_id: str = field(default_factory=ids.request_id)
    # Whoever names no role is the program itself: a command, the demo.
    role: str = Role.ADMINISTRATOR
    # Who may have lost the right, or the key, while the operation waited for its turn: both are asked again then.
    user: User | None = None
    key: AccessKey | None = None
    # What the form carried: of two that carry the same, one is done, and both are answered alike.
    token: str = ""
    answer: Answer = Answer()

    @classmethod
    def of(cls, user: User, request_id: str = "", token: str = "", key: AccessKey | None = None) -> "Actor":
        return cls(user.account, user.username, request_id or ids.request_id(), user.role, user, key, token)

    def answered(self, answer: Answer) -> "Actor":
        """The same, with the answer that their form gets."""
        return replace(self, answer=answer)


_user = Prepared(lambda key: User.objects.filter(pk=key))


def _ask_again(actor: Actor, right: Right | None) -> None:
    """Refuse who has been disabled, or has another role by now. Their account's row is held, so that this stays so."""
    if actor.user is None:
        return
    user = _user.first(actor.user.pk)
    keys = AccessKey.objects.filter(pk=actor.key and actor.key.pk, status=AccessKeyStatus.ACTIVE)
    if user is None or not user.is_let_in or (actor.key and not keys.exists()):
        raise Refused(errors.LET_OUT)
    if right is not None and not user.may(right):
        raise Refused(errors.FORBIDDEN[right], role=Role(user.role))


class AlreadyDone(Exception):
    """The same form has been submitted before, and has done its work."""

    def __init__(self, submission: Submission):
        self.submission = submission
        super().__init__(submission.token)


# For how long a form that comes again is known.
REMEMBERED = timedelta(days=1)


_submission = Prepared(lambda account, token: Submission.objects.filter(account=account, token=token))
_forgotten = Prepared(
    lambda account, at: Submission.objects.filter(account=account, at__lt=at).order_by().only("pk")[:1]
)
_held_account = Prepared(lambda account: Account.objects.select_for_update().filter(pk=account))


def submission_of(actor: Actor) -> Submission | None:
    """What the actor's form has done already."""
    return _submission.first(actor.account.pk, actor.token) if actor.token else None


def _remember(actor: Actor, resource_id: str) -> None:
    if actor.token:
        forgotten = clock.now() - REMEMBERED
        if _forgotten(actor.account.pk, forgotten):
            Submission.objects.filter(account=actor.account, at__lt=forgotten).delete()
        Submission.objects.create(
            account=actor.account,
            token=actor.token,
            request_id=actor.request_id,
            resource_id=resource_id,
            leads_to=actor.answer.leads_to,
            said=actor.answer.said,
        )


@dataclass
class Record:
    """What an operation tells about itself while it runs."""

    resource_id: str = ""
    related_id: str = ""
    facts: dict = field(default_factory=dict)


def problems_of(error: ValidationError, tunnel: int = 1) -> list[Problem]:
    """The problems in what `full_clean()` raised."""
    return [
        Problem(name, one.code or "invalid", _sentence(one), tunnel)
        for name, errors in error.error_dict.items()
        for one in errors
    ]


def own_problems(row: Model, *, exclude: Sequence[str], tunnel: int = 1) -> list[Problem]:
    """What is wrong with a row by itself. Can be asked before the right to write is taken."""
    try:
        row.full_clean(exclude=exclude, validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        return problems_of(error, tunnel)
    return []


def _sentence(error: ValidationError) -> Message | str:
    """The rule's own sentence, or what Django says in the language of the moment."""
    return error.message if isinstance(error.message, Message) else " ".join(error.messages)


def event_of(record: Record, actor: Actor, name: str, region_id: str, request_id: str, **how_it_ended) -> Event:
    """The event of one operation on one resource, not stored yet."""
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


@contextmanager
def operation(
    actor: Actor, name: str, *, region_id: str = "", resource_id: str = "", right: Right | None = Right.WRITE
):
    """Run an operation in one transaction that no other writer of the account can overlap.

    The event is part of the transaction; a refusal's event is written after it has been rolled back. Who lacks the
    right is refused before anything is read; None is one's own business, whatever the role.
    """
    record = Record(resource_id)

    def event(outcome: Outcome, **more) -> Event:
        return event_of(record, actor, name, region_id, actor.request_id, outcome=outcome, **more)

    try:
        ended = "failed"
        if right is not None and not roles.may(actor.role, right):
            raise Refused(errors.FORBIDDEN[right], role=Role(actor.role))
        with work():
            if _held_account.first(actor.account.pk) is None:
                raise Account.DoesNotExist
            _ask_again(actor, right)
            if before := submission_of(actor):
                raise AlreadyDone(before)
            try:
                yield record
            except ObjectDoesNotExist as error:
                # It was there when somebody asked for it, and somebody else was first.
                raise Refused(errors.GONE, what=record.resource_id or name) from error
            event(Outcome.SUCCESS).save()
            _remember(actor, record.resource_id)
        ended = "success"
    except Refused as refusal:
        ended = "refused"
        told = {"message": refusal.message[:500], "message_parts": refusal.message.parts()}
        event(Outcome.REFUSED, code=refusal.code, **told).save()
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
        metrics.OPERATIONS.labels(name, ended).inc()
