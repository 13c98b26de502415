"""Management commands, for the people who run the console. They speak English."""

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


def database_failure(error: Error) -> str:
    """One sentence about a database that is unavailable or has no tables yet; blank if the error is a bug."""
    if why := reason(error):
        return f"the database is unavailable ({why.value})."
    try:
        is_set_up = Account._meta.db_table in connection.introspection.table_names()
    except DatabaseError:
        return ""
    return "" if is_set_up else "the database has no tables yet. `run`, `serve` and `manage migrate` create them."
