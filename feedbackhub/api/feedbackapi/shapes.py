"""Shapes that every noun's answers share."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Generic, Literal, TypedDict, TypeVar

import msgspec

T = TypeVar("T")

if TYPE_CHECKING:
    # Nouns render datetimes; the base view writes them out.
    Moment = datetime
else:
    Moment = Annotated[
        int | str, msgspec.Meta(description="Epoch seconds; ISO 8601 for `Accept: application/json; timestamps=iso`.")
    ]


class Page(TypedDict, Generic[T]):
    """A page of a list; `page` is as asked for."""

    page: int
    total_count: int
    total_returned: int
    data: list[T]


class Deleted(TypedDict):
    """What is left of a deleted row."""

    id: str
    deleted: Literal[True]
