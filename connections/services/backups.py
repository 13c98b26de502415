"""Back up everything into one file, for either database: rows as they are stored, secrets still sealed.

A backup reads one snapshot of the database while others go on writing. Sessions and other short-lived rows are left
out. The file contains the encryption keys if the installation created them, not if they come from the environment.

A file is loaded into a separate database and judged: by `restore`, before it changes anything, and by `back_up`, right
after writing it.
"""

import gzip
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.color import no_style
from django.db import (
    DEFAULT_DB_ALIAS,
    DataError,
    IntegrityError,
    OperationalError,
    models,
    transaction,
)
from django.db import connection as database
from django.db import connections as databases
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import ConnectionHandler

from connections import clock
from connections.models import Account, ImportProgress, SignInFailure
from connections.persistence import encryption
from connections.persistence.fernet_keys import is_key
from connections.persistence.fields import EncryptedField
from connections.services import derived
from connections.services.integrity import findings
from connections.services.write_lock import turn

FORMAT, VERSION = "vpn-console/backup", 1
LEFT_OUT: tuple[type[models.Model], ...] = (SignInFailure, ImportProgress)
AT_ONCE = 500
TRIAL = "trial"
DAMAGED = "The file is damaged, or no backup."


class Unusable(Exception):
    """A file that cannot be restored here. The text is one sentence with the reason."""


@dataclass
class Judgement:
    """A file that can be restored: its number of rows, its encryption keys, and warnings."""

    count: int
    keys: list[str]
    warnings: list[str]


def stored_models() -> list[type[models.Model]]:
    """Return the models of a backup, each after the models to which it refers."""
    ordered: list[type[models.Model]] = []

    def add(model: type[models.Model]) -> None:
        if model in ordered or model in LEFT_OUT:
            return
        for column in model._meta.concrete_fields:
            if column.is_relation and column.related_model is not model and column.related_model in ours:
                add(column.related_model)
        ordered.append(model)

    ours = set(apps.get_app_config("connections").get_models())
    for model in sorted(ours, key=lambda model: model._meta.label):
        add(model)
    return ordered


def _schema() -> list[str]:
    """Return the applied migrations, which a restored file must match."""
    return sorted(name for app, name in MigrationRecorder(database).applied_migrations() if app == "connections")


@contextmanager
def _snapshot() -> Iterator[None]:
    """Read a snapshot of the database without blocking writers."""
    if database.vendor == "sqlite":
        # The settings begin transactions with a write lock; this one only reads.
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


def _plain(value: object) -> object:
    """Convert a value of a row for the file."""
    if isinstance(value, encryption.Sealed):
        return {"sealed": value.token}
    return {"at": value.isoformat()} if isinstance(value, datetime) else value


def back_up(path: Path) -> Judgement:
    """Write everything into a file that only its owner may read, and judge it.

    Raises Unusable if `restore` would refuse the file, which stays; FileExistsError.
    """
    _write(path)
    with judged(path) as judgement:
        return judgement


def _write(path: Path) -> None:
    count = 0
    # Restrict access when creating the file: a process that has opened it can read it whatever its mode becomes.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as raw:  # noqa: SIM117
        with gzip.open(raw, "wt", encoding="utf-8") as file, _snapshot():
            head = {
                "format": FORMAT,
                "version": VERSION,
                "made": clock.now().isoformat(),
                "schema": _schema(),
                "encryption_keys": encryption.keys() if isinstance(settings.ENCRYPTION_KEYS, Path) else None,
            }
            file.write(json.dumps(head) + "\n")
            for model in stored_models():
                columns = [column.attname for column in model._meta.concrete_fields]
                file.write(json.dumps({"table": model._meta.label_lower, "columns": columns}) + "\n")
                for row in model._base_manager.order_by("pk").values_list(*columns).iterator(AT_ONCE):
                    file.write(json.dumps([_plain(value) for value in row], ensure_ascii=False) + "\n")
                    count += 1
            # Lets a reader detect missing rows.
            file.write(json.dumps({"end": count}) + "\n")


@contextmanager
def judged(path: Path) -> Iterator[Judgement]:
    """Load a file into the database TRIAL, which exists during the block, and judge it. Raises Unusable.

    A file is refused for another version, damage, rows that the database or the console cannot work with, and secrets
    that neither this installation's keys nor the file's keys open.
    """
    with _trial():
        with _reading(), gzip.open(path, "rt", encoding="utf-8") as file:
            lines = map(json.loads, file)
            keys = _keys(next(lines, None))
            count = _fill(lines)
            results = list(findings(TRIAL, [*encryption.keys(), *keys]))
        if fault := next((finding for finding in results if finding.is_fault), None):
            raise Unusable(f"The backup does not fit together: {fault.sentence}")
        yield Judgement(count, keys, [finding.sentence for finding in results])


@contextmanager
def _trial() -> Iterator[None]:
    """Create a private SQLite database with the console's tables, in memory or, if large, in a temporary file."""
    options = {"init_command": "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF"}
    trial = {"ENGINE": "django.db.backends.sqlite3", "NAME": "file:", "OPTIONS": options}
    databases[TRIAL] = ConnectionHandler({DEFAULT_DB_ALIAS: {}, TRIAL: trial})[TRIAL]
    try:
        with databases[TRIAL].cursor() as cursor:
            cursor.executescript(_tables())
        yield
    finally:
        databases[TRIAL].close()
        del databases[TRIAL]


@cache
def _tables() -> str:
    """Return the SQL that creates the tables of the trial."""
    with databases[TRIAL].schema_editor(collect_sql=True) as editor:
        for model in stored_models():
            editor.create_model(model)
    return "\n".join(editor.collected_sql)


@contextmanager
def _reading() -> Iterator[None]:
    """Turn failures to read a file into Unusable, except errors of the database, such as a full disk."""
    try:
        yield
    except (Unusable, OperationalError):
        raise
    except ImproperlyConfigured as error:
        raise Unusable(str(error)) from error
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise Unusable(f"The file cannot be read: {error.strerror}.") from error
    except Exception as error:
        raise Unusable(DAMAGED) from error


def _keys(head: object) -> list[str]:
    """Return the keys in the first line of a file. Raises Unusable unless it is a backup of this version."""
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise Unusable("This is no backup of the console.")
    schema, keys = head.get("schema"), head.get("encryption_keys")
    if head.get("version") != VERSION or schema != _schema():
        last = str(schema[-1]) if isinstance(schema, list) and schema else ""
        raise Unusable(
            "The backup was made by another version of the console. Restore it with that one, then upgrade: "
            f"its last migration is {last if re.fullmatch(r'[a-z0-9_]{1,100}', last) else 'unknown'}."
        )
    if keys is None:
        return []
    if not isinstance(keys, list) or not all(isinstance(key, str) and is_key(key) for key in keys):
        raise Unusable("The file is damaged: its encryption keys are none.")
    # The operator changes keys from the environment.
    return keys if isinstance(settings.ENCRYPTION_KEYS, Path) else []


def _restored(column: models.Field, stored: Any) -> object:
    """Convert a value of the file for its column. Raises ValueError, among others, if it does not fit."""
    if stored is None and column.null:
        return None
    if isinstance(column, EncryptedField) and stored != "":
        return encryption.Sealed(stored["sealed"])
    if isinstance(column, models.DateTimeField):
        value = datetime.fromisoformat(stored["at"])
        if value.utcoffset() is None:
            raise ValueError("a moment without a time zone")
        return value
    value = column.to_python(stored)
    if stored is None or value != stored:
        raise ValueError("a value of another type than its column")
    if column.primary_key and value < 1:
        raise ValueError("no number that a sequence counts on from")
    return value


def _fill(lines: Iterator[list | dict]) -> int:
    """Write the rows of a file into the trial's tables, and return their number."""
    count = 0
    model: type[models.Model] | None = None
    columns: list[models.Field] = []
    waiting: list[models.Model] = []
    known = {model._meta.label_lower: model for model in stored_models()}
    for line in lines:
        if isinstance(line, list):
            if model is None:
                raise Unusable(DAMAGED)
            values = {column.attname: _restored(column, value) for column, value in zip(columns, line, strict=True)}
            waiting.append(model(**values))
            count += 1
            if len(waiting) == AT_ONCE:
                _insert(waiting, TRIAL)
                waiting = []
            continue
        _insert(waiting, TRIAL)
        waiting = []
        if line.keys() == {"end"}:
            if line["end"] != count:
                raise Unusable("The file is damaged: rows are missing.")
            # Reading to the end checks the checksum.
            if next(iter(lines), None) is not None:
                raise Unusable(DAMAGED)
            return count
        model = known[line["table"]]
        fields = {column.attname: column for column in model._meta.concrete_fields}
        if sorted(line["columns"]) != sorted(fields):
            raise Unusable(f"The file is damaged: {model._meta.label_lower} has other columns.")
        columns = [fields[name] for name in line["columns"]]
    raise Unusable("The file is damaged: its end is missing.")


def _insert(rows: list[models.Model], using: str) -> None:
    """Insert rows of one model. Raises Unusable if the database refuses them."""
    if rows:
        model = type(rows[0])
        with _writing(f"a row of {model._meta.label_lower}"):
            model._base_manager.using(using).bulk_create(rows)


def restore(path: Path, *, replace: bool = False) -> Judgement:
    """Replace everything with the contents of a file, keys included; all of it or nothing.

    Raises Unusable: for a file that cannot be restored here, or a database that is not empty when `replace` has not
    been asked for.
    """
    with judged(path) as judgement:
        with _writing(), encryption.unchanged_on_failure(), turn(), transaction.atomic():
            if Account.objects.exists() and not replace:
                raise Unusable("There are accounts here already. To lose them, ask for it: --replace.")
            _empty()
            for model in stored_models():
                rows = model._base_manager.using(TRIAL).order_by("pk").iterator(AT_ONCE)
                while some := list(islice(rows, AT_ONCE)):
                    _insert(some, DEFAULT_DB_ALIAS)
            with database.cursor() as cursor:
                for sql in database.ops.sequence_reset_sql(no_style(), stored_models()):
                    cursor.execute(sql)
            database.check_constraints()
            derived.repair()
            encryption.adopt(judgement.keys)
        return judgement


@contextmanager
def _writing(what: str = "the rows") -> Iterator[None]:
    """Turn errors of the database into Unusable, without their text, which contains the row."""
    try:
        yield
    except (DataError, IntegrityError) as error:
        raise Unusable(f"The database does not take {what} ({type(error).__name__}).") from error


def _empty() -> None:
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM django_session")
        emptied: list[type[models.Model]] = [*LEFT_OUT, *reversed(stored_models())]
        for model in emptied:
            for column in model._meta.local_many_to_many:
                cursor.execute(f"DELETE FROM {database.ops.quote_name(column.m2m_db_table())}")  # noqa: S608 - ours
            cursor.execute(f"DELETE FROM {database.ops.quote_name(model._meta.db_table)}")  # noqa: S608 - ours
