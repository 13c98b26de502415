"""How far a long import is, told while it is under way."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import transaction

from connections import clock
from connections.models import Account, ImportProgress
from connections.services.turns import turn

EVERY = timedelta(seconds=1)
# What a killed server has left behind is removed by the next import that is as much later.
FORGOTTEN = timedelta(days=1)

Report = Callable[[int, int], None]


def now_and_then(report: Report) -> Report:
    """Pass a report on once a second, not before the first second has passed."""
    last = clock.now()

    def passed_on(done: int, total: int) -> None:
        nonlocal last
        if clock.now() - last >= EVERY:
            report(done, total)
            last = clock.now()

    return passed_on


@contextmanager
def stored_progress(account: Account, token: str) -> Iterator[Report]:
    """What stores the progress of the import of a form, in short transactions of their own; nothing stays."""
    mine = ImportProgress.objects.filter(account=account)
    stored = False

    def store(done: int, total: int) -> None:
        nonlocal stored
        with turn(), transaction.atomic():
            if not stored:
                mine.filter(at__lte=clock.now() - FORGOTTEN).delete()
            values = {"done": done, "total": total, "at": clock.now()}
            mine.update_or_create(token=token, defaults=values, create_defaults={**values, "account": account})
        stored = True

    try:
        yield now_and_then(store) if token else (lambda done, total: None)
    finally:
        if stored:
            with turn():
                mine.filter(token=token).delete()


def progress_of(account: Account, token: str) -> ImportProgress | None:
    """How far the import of a form is, if it takes long."""
    return ImportProgress.objects.filter(account=account, token=token).first()
