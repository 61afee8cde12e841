"""Pages of the own API's lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from feedbackhub.api.own.pages import NO_CURSOR, OTHER_SORT, Moment, Sort, parse
from feedbackhub.api.pagination import sealed
from feedbackhub.errors import Invalid

SORTS = {"-at": Sort(("-at", "id"), (Moment, UUID)), "name": Sort(("name", "id"), (str, UUID))}


@dataclass
class Row:
    at: datetime
    name: str
    id: UUID


ROWS = [Row(datetime(2026, 1, day, tzinfo=UTC), f"row {day}", UUID(int=day)) for day in (3, 2, 1)]


def names(page: dict[str, Any]) -> list[str]:
    return page["data"]


def test_the_first_page_ends_with_a_cursor_that_leads_behind_its_last_row():
    first = parse({"limit": "2"}, SORTS)
    page = first.page(ROWS, lambda row: row.name)

    assert (first.after, first.sort.columns, names(page)) == (None, ("-at", "id"), ["row 3", "row 2"])
    assert parse({"cursor": page["next_cursor"]}, SORTS).after == (ROWS[1].at, ROWS[1].id)


def test_the_last_page_has_none():
    page = parse({"limit": "3", "sort": "name"}, SORTS).page(ROWS, lambda row: row.name)

    assert page == {"data": ["row 3", "row 2", "row 1"], "next_cursor": None}


def test_a_cursor_holds_for_its_own_sort_only():
    cursor = parse({"limit": "1"}, SORTS).page(ROWS, str)["next_cursor"]

    with pytest.raises(Invalid) as caught:
        parse({"cursor": cursor, "sort": "name"}, SORTS)
    assert (caught.value.problems[0].name, caught.value.message) == ("cursor", OTHER_SORT)


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "%%%",
        "a" * 5000,
        sealed({}),
        sealed({"s": "-at"}),
        sealed({"s": "-at", "k": None}),
        sealed({"s": "-at", "k": ["2026-01-01T00:00:00Z"]}),
        sealed({"s": "-at", "k": ["2026-01-01T00:00:00", str(UUID(int=1))]}),
        sealed({"s": "-at", "k": ["2026-01-01T00:00:00Z", "1"]}),
        sealed({"s": "-at", "k": [5, str(UUID(int=1))]}),
    ],
)
def test_a_cursor_that_was_made_up_is_refused(cursor: str):
    with pytest.raises(Invalid) as caught:
        parse({"cursor": cursor}, SORTS)
    assert (caught.value.problems[0].name, caught.value.message) == ("cursor", NO_CURSOR)


@pytest.mark.parametrize("query", [{"sort": ""}, {"sort": "id"}, {"sort": "at"}])
def test_another_sort_is_refused(query: dict[str, str]):
    with pytest.raises(Invalid, match="must be one of: -at, name"):
        parse(query, SORTS)
