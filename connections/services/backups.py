"""Everything in one file, for either database: rows as they are stored, secrets still sealed.

One snapshot of the database is read while others go on writing. What only concerns the moment, as sessions do,
stays out. The keys that open the secrets come along where the installation made them itself; keys of the environment
do not.
"""

import gzip
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import DataError, IntegrityError, models, transaction
from django.db import connection as database
from django.db.migrations.recorder import MigrationRecorder

from connections import clock, vault
from connections.models import Account, SignInFailure
from connections.services.integrity import findings
from connections.services.secrets import unreadable
from connections.services.turns import turn

FORMAT, VERSION = "vpn-console/backup", 1
LEFT_OUT = (SignInFailure,)
AT_ONCE = 500


class Unusable(Exception):
    """A file that cannot be restored here, with the reason."""


def stored_models() -> list[type[models.Model]]:
    """Every table of ours, those first to which others point."""
    found: list[type[models.Model]] = []

    def add(model):
        if model in found or model in LEFT_OUT:
            return
        for column in model._meta.concrete_fields:
            if column.is_relation and column.related_model is not model and column.related_model in ours:
                add(column.related_model)
        found.append(model)

    ours = set(apps.get_app_config("connections").get_models())
    for model in sorted(ours, key=lambda one: one._meta.label):
        add(model)
    return found


def _schema() -> list[str]:
    """Which migrations the rows fit."""
    return sorted(name for app, name in MigrationRecorder(database).applied_migrations() if app == "connections")


@contextmanager
def _snapshot() -> Iterator[None]:
    """Read what there is at one moment, keeping nobody from writing."""
    if database.vendor == "sqlite":
        # Settings ask for the right to write with every transaction; this one only looks.
        with database.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
        return
    with transaction.atomic():
        with database.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SET LOCAL statement_timeout = 0")
        yield


def _plain(value):
    if isinstance(value, vault.Sealed):
        return {"sealed": value.token}
    return {"at": value.isoformat()} if isinstance(value, datetime) else value


def back_up(path: Path) -> int:
    """Write everything into a file for its owner only; says how many rows that were."""
    count = 0
    # Nobody else's from the first moment: whoever opens a file keeps it open, whatever it becomes.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as raw:  # noqa: SIM117
        with gzip.open(raw, "wt", encoding="utf-8") as file, _snapshot():
            own = isinstance(settings.ENCRYPTION_KEYS, Path)
            head = {
                "format": FORMAT,
                "version": VERSION,
                "made": clock.now().isoformat(),
                "schema": _schema(),
                "encryption_keys": vault.keys() if own and settings.ENCRYPTION_KEYS.exists() else None,
            }
            file.write(json.dumps(head) + "\n")
            for model in stored_models():
                columns = [column.attname for column in model._meta.concrete_fields]
                file.write(json.dumps({"table": model._meta.label_lower, "columns": columns}) + "\n")
                for row in model._base_manager.order_by("pk").values_list(*columns).iterator(AT_ONCE):
                    file.write(json.dumps([_plain(value) for value in row], ensure_ascii=False) + "\n")
                    count += 1
            # Whoever reads it knows that nothing is missing.
            file.write(json.dumps({"end": count}) + "\n")
    return count


def _lines(file: IO[str]) -> Iterator[object]:
    try:
        for line in file:
            yield json.loads(line)
    except (OSError, EOFError, ValueError) as error:
        raise Unusable("The file is damaged, or no backup.") from error


def _head(lines: Iterator[object]) -> dict:
    head = next(lines, None)
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise Unusable("This is no backup of the console.")
    if head.get("version") != VERSION or head["schema"] != _schema():
        raise Unusable(
            "The backup was made by another version of the console. Restore it with that one, then upgrade: "
            f"its last migration is {head['schema'][-1] if head.get('schema') else 'unknown'}."
        )
    return head


def _restored(column: models.Field, value):
    if isinstance(value, dict) and value.keys() == {"sealed"}:
        return vault.Sealed(value["sealed"])
    if isinstance(value, dict) and value.keys() == {"at"}:
        return datetime.fromisoformat(value["at"])
    return value


def restore(path: Path, *, replace: bool = False) -> int:
    """Put back what a file holds, in the place of everything there is; all of it or nothing.

    Raises Unusable: for another version, a damaged file, secrets that no key opens, or a database that is not empty
    when `replace` has not been asked for.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            lines = _lines(file)
            head = _head(lines)
            if Account.objects.exists() and not replace:
                raise Unusable("There are accounts here already. To lose them, ask for it: --replace.")
            _adopt(head.get("encryption_keys"))
            with turn(), transaction.atomic():
                _empty()
                count = _fill(lines)
                database.check_constraints()
                if lost := unreadable():
                    raise Unusable(f"{lost} stored secrets cannot be opened: ENCRYPTION_KEYS lacks their key.")
                if wrong := next(findings(), None):
                    raise Unusable(f"The backup does not fit together: {wrong}")
    except (OSError, EOFError) as error:
        raise Unusable("The file is damaged, or no backup.") from error
    return count


def _adopt(keys: list[str] | None) -> None:
    """Add the backup's keys to those of this installation, behind them."""
    source = settings.ENCRYPTION_KEYS
    if not keys or not isinstance(source, Path):
        return
    before = vault.keys() if source.exists() else []
    vault.write_keys(source, [*before, *(key for key in keys if key not in before)])


def _empty() -> None:
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM django_session")
        for model in [*LEFT_OUT, *reversed(stored_models())]:
            for column in model._meta.local_many_to_many:
                cursor.execute(f"DELETE FROM {database.ops.quote_name(column.m2m_db_table())}")  # noqa: S608 - ours
            cursor.execute(f"DELETE FROM {database.ops.quote_name(model._meta.db_table)}")  # noqa: S608 - ours


def _fill(lines: Iterator[object]) -> int:
    count, model, columns, waiting = 0, None, [], []
    known = {model._meta.label_lower: model for model in stored_models()}

    def flush():
        if waiting:
            try:
                model._base_manager.bulk_create(waiting)
            except (DataError, IntegrityError) as error:
                # Not its words: they hold the row.
                table = model._meta.label_lower
                raise Unusable(f"This database does not take a row of {table} ({type(error).__name__}).") from error
            waiting.clear()

    for line in lines:
        if isinstance(line, list):
            values = {name: _restored(column, value) for (name, column), value in zip(columns, line, strict=True)}
            waiting.append(model(**values))
            count += 1
            if len(waiting) == AT_ONCE:
                flush()
            continue
        flush()
        if "end" in line:
            if line["end"] != count:
                raise Unusable("The file is damaged: rows are missing.")
            with database.cursor() as cursor:
                for sql in database.ops.sequence_reset_sql(no_style(), list(known.values())):
                    cursor.execute(sql)
            return count
        model = known[line["table"]]
        fields = {column.attname: column for column in model._meta.concrete_fields}
        columns = [(name, fields[name]) for name in line["columns"]]
    raise Unusable("The file is damaged: its end is missing.")
