"""Questions that nearly every request asks. Django writes the SQL of a query anew each time it is asked, which takes
several times as long as the database takes to answer; the SQL of these is written once in a process."""

from collections.abc import Callable
from typing import Generic, TypeVar

from django.db import connections
from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


class Prepared(Generic[Row]):
    """A query of whose values alone one asking differs from another.

    Whatever stands for a value in its SQL has to be given, in the order of the SQL.
    """

    def __init__(self, query: Callable[..., QuerySet[Row]]):
        self._query = query
        self._sql: dict[int, str] = {}
        self._model: type[Row] | None = None

    def __call__(self, *values) -> list[Row]:
        """The rows. Fields that the query leaves out are read when they are asked for, as usual."""
        sql = self._sql.get(len(values)) or self._write(values)
        return list(self._model._default_manager.raw(sql, values))

    def first(self, *values) -> Row | None:
        return next(iter(self(*values)), None)

    def _write(self, values: tuple) -> str:
        query = self._query(*values)
        sql, params = query.query.get_compiler(query.db).as_sql()
        adapt = connections[query.db].ops.adapt_unknown_value
        if list(map(adapt, values)) != list(params):
            raise ValueError(f"Not all that the query needs, or not in its order: {sql}")
        self._model, self._sql[len(values)] = query.model, sql
        return sql
