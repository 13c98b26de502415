"""Management commands, for the people who run the console. They speak English."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError
from django.db import DatabaseError, Error, connection

from connections.models import Account
from connections.persistence.database_outages import reason

SHOWN = 10


def warnings(sentences: list[str]) -> str:
    """The first few sentences as warnings, one a line, and how many more `check_data` prints."""
    lines = [f"Warning: {sentence}" for sentence in sentences[:SHOWN]]
    if len(sentences) > SHOWN:
        lines.append(f"Warning: {len(sentences) - SHOWN} more, which check_data prints.")
    return "".join(f"{line}\n" for line in lines)


@contextmanager
def file_failures(file: object) -> Iterator[None]:
    """Turn failures of the file system, and files that are not text, into CommandError with one sentence."""
    try:
        yield
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{file} is not text in UTF-8.") from error
    except ValueError as error:
        # The name of a file with NUL in it.
        raise CommandError(f"{file!a}: {error}.") from error


def database_failure(error: Error) -> str:
    """One sentence about a database that is unavailable or has no tables yet; blank if the error is a bug."""
    if why := reason(error):
        return f"the database is unavailable ({why.value})."
    try:
        is_set_up = Account._meta.db_table in connection.introspection.table_names()
    except DatabaseError:
        return ""
    return "" if is_set_up else "the database has no tables yet. `run`, `serve` and `manage migrate` create them."
