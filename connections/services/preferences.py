"""What users set for themselves. It concerns nobody's resources, so that it leaves no events."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction

from connections import rules
from connections.errors import Invalid
from connections.messages import message as _
from connections.models import ColumnChoice, SavedFilter, User
from connections.rules import Problem


def choose_columns(user: User, page: str, keys: Sequence[str]) -> None:
    """Show these columns of a list, in this order. None: the usual ones again."""
    if keys:
        ColumnChoice.objects.update_or_create(user=user, page=page, defaults={"keys": list(keys)})
    else:
        ColumnChoice.objects.filter(user=user, page=page).delete()


def save_filter(user: User, page: str, name: str, query: str) -> SavedFilter:
    """Keep what a list is filtered by under a name that the user has not given yet."""
    name = name.strip()
    if not name:
        raise Invalid([Problem("name", "missing", _("Enter a name."))])
    if problems := list(rules.text_problems("name", name, rules.FILTER_NAME_LENGTH)):
        raise Invalid(problems)
    mine = SavedFilter.objects.filter(user=user, page=page)
    if same := mine.filter(name=name, query=query[:1000]).first():
        # Sent twice by a double click.
        return same
    if mine.count() >= rules.MAX_SAVED_FILTERS:
        raise Invalid([Problem("name", "too_many", _("That is enough: delete a saved filter first."))])
    try:
        with transaction.atomic():
            return SavedFilter.objects.create(user=user, page=page, name=name, query=query[:1000])
    except IntegrityError:
        raise Invalid([Problem("name", "duplicate", _("You have a filter of this name already."))]) from None


def delete_filter(saved: SavedFilter) -> None:
    saved.delete()
