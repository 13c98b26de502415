"""Preferences of users: columns and saved filters. They concern no resources, so no events are written."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from connections.domain import limits, rules
from connections.domain.problems import Problem
from connections.domain.refusals import CHANGED_MEANWHILE, Invalid, Refused
from connections.messages import message as _
from connections.models import ColumnChoice, SavedFilter, User
from connections.services.write_lock import work


@contextmanager
def _changing(user: User) -> Iterator[None]:
    """Run a transaction that no other change of the user's preferences overlaps."""
    with work():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        yield


def choose_columns(user: User, page: str, keys: Sequence[str], *, seen: Sequence[str] | None = None) -> None:
    """Store the columns of a list, in their order. No columns: back to the usual ones.

    Raises Refused if other columns were seen than are stored.
    """
    with _changing(user):
        if seen is not None and chosen_columns(user, page) != list(seen):
            raise Refused(CHANGED_MEANWHILE, what=_("your choice of columns"))
        if keys:
            ColumnChoice.objects.update_or_create(user=user, page=page, defaults={"keys": list(keys)})
        else:
            ColumnChoice.objects.filter(user=user, page=page).delete()


def chosen_columns(user: User, page: str) -> list[str]:
    """Return the keys of the columns that a user has chosen; none for the usual ones."""
    choice = ColumnChoice.objects.filter(user=user, page=page).first()
    return choice.keys if choice else []


def save_filter(user: User, page: str, name: str, query: str) -> SavedFilter:
    """Save a list's filters under a new name. Raises Invalid if the name is taken or there are too many."""
    name = name.strip()
    if not name:
        raise Invalid([Problem("name", "missing", _("Enter a name."))])
    if problems := list(rules.text_problems("name", name, limits.FILTER_NAME_LENGTH)):
        raise Invalid(problems)
    query = query[:1000]
    with _changing(user):
        mine = {saved.name: saved for saved in SavedFilter.objects.filter(user=user, page=page)}
        if same := mine.get(name):
            if same.query == query:
                # Sent twice by a double click.
                return same
            raise Invalid([Problem("name", "duplicate", _("You have a filter of this name already."))])
        if len(mine) >= limits.MAX_SAVED_FILTERS:
            raise Invalid([Problem("name", "too_many", _("Limit reached. Delete a saved filter first."))])
        return SavedFilter.objects.create(user=user, page=page, name=name, query=query)


def delete_filter(saved: SavedFilter) -> None:
    saved.delete()
