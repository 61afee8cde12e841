"""A query of the ORM whose SQL is written once: for rows that are read so often, and with so much about them, that
writing the SQL and planning it take longer than reading the row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators
from django.db.models.sql.compiler import SQLCompiler

from feedbackhub.postgres.cursors import prepared

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class _Slot:
    """Takes the place of a stand-in among the parameters."""

    name: str


@dataclass(frozen=True)
class _Written:
    compiler: SQLCompiler
    sql: str
    parameters: tuple[Any, ...]
    fields: list[str]
    span: tuple[int, int]
    annotations: dict[str, int]
    # By column, of values that the driver does not give as Python wants them.
    converters: dict[int, Any]
    # Fill what select_related asked for.
    related: list[Any]

    def rows(self, **given: Any) -> list[Sequence[Any]]:
        parameters = [given[one.name] if isinstance(one, _Slot) else one for one in self.parameters]
        with prepared() as cursor:
            cursor.execute(self.sql, parameters)
            rows = cursor.fetchall()
        return list(self.compiler.apply_converters(rows, self.converters)) if self.converters else rows


class Compiled(Generic[M]):
    """`build` makes the query from the stand-ins: values of the right type that occur nowhere else in it, and that it
    must pass on as they are. What is called with is neither converted nor checked.

    Never for a table that somebody may migrate while this process runs: columns are remembered.
    """

    def __init__(self, build: Callable[..., QuerySet[M]], **stand_ins: Any) -> None:
        self._build = build
        self._stand_ins = stand_ins

    def fetch(self, **given: Any) -> list[M]:
        """The rows for these values, with what belongs to them."""
        written = self._written
        return [self._model(row, written) for row in written.rows(**given)]

    @cached_property
    def _written(self) -> _Written:
        compiler: SQLCompiler = self._build(**self._stand_ins).query.get_compiler(DEFAULT_DB_ALIAS)
        sql, parameters = compiler.as_sql()
        slots = tuple(self._slot(value) for value in parameters)
        unseen = set(self._stand_ins) - {slot.name for slot in slots if isinstance(slot, _Slot)}
        if unseen:
            raise ValueError(f"The query does not use {', '.join(sorted(unseen))} as it is.")
        select, info = compiler.select or [], compiler.klass_info or {}
        start, end = info["select_fields"][0], info["select_fields"][-1] + 1
        return _Written(
            compiler,
            sql,
            slots,
            [column[0].target.attname for column in select[start:end]],
            (start, end),
            compiler.annotation_col_map or {},
            compiler.get_converters([column[0] for column in select]),
            # The stubs are of a later Django.
            get_related_populators(info, select, DEFAULT_DB_ALIAS),  # type: ignore[call-arg]
        )

    def _slot(self, value: Any) -> Any:
        # Django gives integers the width of their column, as a subclass.
        names = [name for name, one in self._stand_ins.items() if isinstance(value, type(one)) and one == value]
        return _Slot(names[0]) if names else value

    def _model(self, row: Sequence[Any], written: _Written) -> M:
        """As Django's ModelIterable does it."""
        start, end = written.span
        found: M = self._model_class.from_db(DEFAULT_DB_ALIAS, written.fields, row[start:end])
        for each in written.related:
            each.populate(row, found)
        for name, column in written.annotations.items():
            setattr(found, name, row[column])
        return found

    @cached_property
    def _model_class(self) -> type[M]:
        return self._build(**self._stand_ins).model
