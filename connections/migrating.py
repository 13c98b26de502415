"""Signal handlers that run before and after migrations."""

from django.db import connections as databases

from connections.search import sqlite_fts


def before_migration(using, plan=(), **kwargs) -> None:
    if plan:
        _set_timeout(using, "SET statement_timeout = 0")
        if databases[using].vendor == "sqlite":
            sqlite_fts.remove_triggers(databases[using])


def after_migration(using, plan=(), **kwargs) -> None:
    if plan:
        if databases[using].vendor == "sqlite":
            sqlite_fts.install(databases[using])
        _set_timeout(using, "RESET statement_timeout")


def _set_timeout(using: str, sql: str) -> None:
    """Lift PostgreSQL's limit on statements, which is for requests: building an index over many rows takes longer."""
    if databases[using].vendor == "postgresql":
        with databases[using].cursor() as cursor:
            cursor.execute(sql)
