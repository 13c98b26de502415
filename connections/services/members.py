"""Members of an account, their roles and passwords. Administrators manage them; users change their own password."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from connections import clock
from connections.domain import refusals
from connections.domain.choices import Role
from connections.domain.problems import Problem
from connections.domain.refusals import Invalid, Refused
from connections.domain.roles import Right
from connections.models import Account, User
from connections.services.operations import Actor, operation, own_problems


def members(account: Account) -> QuerySet[User]:
    """Return the account's members, oldest first."""
    return User.objects.filter(account=account).order_by("id")


def password_problems(password: str, user: User, field: str = "password") -> list[Problem]:
    """Judge a password for a user."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        return [Problem(field, one.code or "invalid", " ".join(one.messages)) for one in error.error_list]
    return []


def judge_user(user: User, password: str) -> list[Problem]:
    """Judge a new user. If there is no problem, hash the password: that is slow, so call it before an operation."""
    problems = [*password_problems(password, user), *own_problems(user, exclude=["account", "password"])]
    if not problems:
        user.set_password(password)
    return problems


def save_user(user: User, problems: list[Problem]) -> None:
    """Store a judged user, as part of a larger transaction. Raises Invalid if there are problems."""
    taken = Problem("username", "taken", _("This user name is taken. Choose another one."))
    if User.objects.filter(username__iexact=user.username).exists():
        problems = [*problems, taken]
    if problems:
        raise Invalid(problems)
    try:
        user.save()
    except IntegrityError as error:
        # User names are unique across accounts: another account has taken this one at the same moment.
        raise Invalid([taken]) from error


def add_member(actor: Actor, user: User, password: str) -> User:
    """Add a user to the actor's account."""
    user.account = actor.account
    problems = judge_user(user, password)
    with operation(actor, "CreateUser", right=Right.MANAGE) as record:
        save_user(user, problems)
        record.facts = {"user": user.username, "role": user.role}
    return user


def _held(actor: Actor, user: User) -> User:
    """Return a member of the actor's account as stored now. The operation has locked the account."""
    stored = User.objects.filter(account=actor.account, pk=user.pk).first()
    if stored is None:
        raise Refused(refusals.GONE, what=user.username)
    return stored


def _refuse_the_last(user: User) -> None:
    others = User.objects.filter(account_id=user.account_id, role=Role.ADMINISTRATOR, is_active=True)
    if user.role == Role.ADMINISTRATOR and user.is_active and not others.exclude(pk=user.pk).exists():
        raise Refused(refusals.LAST_ADMINISTRATOR, what=user.username)


def change_role(actor: Actor, user: User, role: str, *, seen: str | None = None) -> User:
    """Change a member's role, effective with their next request. Raises Refused unless it is the one that was seen."""
    with operation(actor, "ChangeUserRole", right=Right.MANAGE) as record:
        stored = _held(actor, user)
        record.facts = {"user": stored.username, "role": [stored.role, role]}
        if seen is not None and stored.role != seen:
            raise Refused(refusals.CHANGED_MEANWHILE, what=stored.username)
        if role != Role.ADMINISTRATOR:
            _refuse_the_last(stored)
        stored.role = Role(role)
        stored.save(update_fields=["role"])
    return stored


def set_active(actor: Actor, user: User, active: bool) -> User:
    """Disable or enable a member. Disabling ends their sessions at once; their events remain."""
    with operation(actor, "EnableUser" if active else "DisableUser", right=Right.MANAGE) as record:
        stored = _held(actor, user)
        record.facts = {"user": stored.username}
        if not active:
            _refuse_the_last(stored)
            stored.session_epoch += 1
        stored.is_active = active
        stored.save(update_fields=["is_active", "session_epoch"])
    return stored


def end_sessions(actor: Actor, user: User) -> None:
    """Sign a member out on every device. Ending one's own sessions needs no right."""
    own = user.username == actor.name
    with operation(actor, "SignOutUser", right=None if own else Right.MANAGE) as record:
        stored = _held(actor, user)
        record.facts = {"user": stored.username}
        stored.session_epoch += 1
        stored.save(update_fields=["session_epoch"])


def change_password(actor: Actor, user: User, before: str, after: str) -> User:
    """Change the user's own password. Every other session ends."""
    with operation(actor, "ChangePassword", right=None) as record:
        stored = _held(actor, user)
        record.facts = {"user": stored.username}
        if not stored.check_password(before):
            raise Invalid([Problem("before", "wrong", _("This is not your password."))])
        if problems := password_problems(after, stored, "after"):
            raise Invalid(problems)
        stored.set_password(after)
        stored.save(update_fields=["password"])
    return stored


def note_sign_in(user: User, **more: object) -> None:
    """Store when a user has signed in. A receiver of Django's signal."""
    user.last_login = clock.now()
    user.save(update_fields=["last_login"])
