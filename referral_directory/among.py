"""Rows whose column holds one of many values: these go to the database as one parameter, however many they are."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Self

from sqlalchemy import ARRAY, BindParameter, Boolean, Dialect, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


def among(column: ColumnElement[Any], values: str | Iterable[Any]) -> ColumnElement[bool]:
    """Return the condition that `column` holds one of `values`, or of the parameter of that name.

    ``IN`` with a parameter for each value is built anew at every execution, and then read and planned by the database:
    for 100 values that takes longer than to find the rows.
    """
    many = _Many(column.type)
    named: BindParameter[Any]
    named = bindparam(values, type_=many) if isinstance(values, str) else bindparam(None, list(values), type_=many)
    return _Among(column, named)


class _Many(TypeDecorator[list[Any]]):
    """Several values: an array in PostgreSQL, a JSON list in SQLite, which has no arrays."""

    impl = Text
    cache_ok = True

    def __init__(self, each: TypeEngine[Any]) -> None:
        self.each = each
        super().__init__()

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(self.each) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: list[Any] | None, dialect: Dialect) -> Any:
        return value if dialect.name == "postgresql" else json.dumps(value)


class _Among(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: object = None) -> Self:
        """Return the condition as it is: SQLAlchemy would write "= 1" after it, and SQLite then finds no index."""
        return self


@compiles(_Among, "postgresql")
def _in_array(element: _Among, compiler: SQLCompiler, **more: Any) -> str:
    column, values = (compiler.process(part, **more) for part in element.clauses)
    return f"{column} = ANY ({values})"


@compiles(_Among, "sqlite")
def _in_list(element: _Among, compiler: SQLCompiler, **more: Any) -> str:
    column, values = (compiler.process(part, **more) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - parts that SQLAlchemy wrote
