"""The progress of a long import, stored while it runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import transaction

from connections import clock
from connections.models import Account, ImportProgress
from connections.services.write_lock import turn

EVERY = timedelta(seconds=1)
# Rows that a killed server left behind are removed by the next import after this time.
FORGOTTEN = timedelta(days=1)

Report = Callable[[int, int], None]


def now_and_then(report: Report) -> Report:
    """Limit a report to one call a second, the first after one second."""
    last = clock.read()

    def limited(done: int, total: int) -> None:
        nonlocal last
        if clock.read() - last >= EVERY:
            report(done, total)
            last = clock.read()

    return limited


@contextmanager
def stored_progress(account: Account, token: str) -> Iterator[Report]:
    """Store the progress of a form's import in short transactions, and delete it at the end."""
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
    """The progress of a form's import, or None in its first second and after its end."""
    return ImportProgress.objects.filter(account=account, token=token).first()
