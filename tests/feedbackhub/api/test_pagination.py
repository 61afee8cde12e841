"""Pages by number and by cursor."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, ApiKey
from feedbackhub.api.errors import ApiError
from feedbackhub.api.pagination import BAD_CURSOR, FOREIGN_CURSOR, Sort, keyset_page, numbered_page, whole_number

NEWEST = Sort("newest", ("-created_at", "-id"), (datetime, int))
OLDEST = Sort("oldest", ("created_at", "id"), (datetime, int))
NEWEST_BY_ID = Sort("newest_by_id", ("-created_at", "id"), (datetime, int))
BY_NAME = Sort("name", ("name", "created_at", "id"), (str, datetime, int))


class TestNumbers:
    def test_a_parameter_is_read(self):
        assert whole_number(QueryDict("limit=7"), "limit", default=10, low=1, high=100) == 7

    def test_a_missing_one_is_the_default(self):
        assert whole_number(QueryDict(""), "limit", default=10, low=1, high=100) == 10

    @pytest.mark.parametrize("text", ["", "0", "101", "-1", "+1", "1.0", "x", "\u0661", " 1", "1_0", "9" * 5000])
    def test_anything_else_names_the_parameter(self, text: str):
        with pytest.raises(ApiError) as refused:
            whole_number({"limit": text}, "limit", default=10, low=1, high=100)

        assert [(each.name, each.message) for each in refused.value.problems] == [
            ("limit", "must be a whole number from 1 to 100")
        ]

    @pytest.mark.parametrize(
        ("query", "first", "expected"),
        [("", 0, (0, 10, 0)), ("page=2&limit=5", 0, (2, 5, 10)), ("page=2&limit=5", 1, (2, 5, 5)), ("", 1, (1, 10, 0))],
    )
    def test_a_page_says_where_it_starts(self, query: str, first: int, expected: tuple[int, int, int]):
        page = numbered_page(QueryDict(query), first=first, default=10, most=100, narrow_by="created_after")

        assert (page.number, page.limit, page.offset) == expected

    def test_a_page_before_the_first_is_refused(self):
        with pytest.raises(ApiError):
            numbered_page(QueryDict("page=0"), first=1, default=10, most=100, narrow_by="created_after")

    def test_the_deepest_page_is_served_and_the_next_is_not(self):
        numbered_page(QueryDict("page=100&limit=100"), first=0, default=10, most=100, narrow_by="created_after")
        with pytest.raises(ApiError) as refused:
            numbered_page(QueryDict("page=101&limit=100"), first=0, default=10, most=100, narrow_by="created_after")

        assert refused.value.problems[0].name == "page"
        assert "created_after" in refused.value.message


@pytest.fixture
def keys(account: Account) -> list[ApiKey]:
    """Seven keys, some made in the same moment and some of one name."""
    start = datetime(2026, 1, 1, 12, 0, 0, 123_456, tzinfo=UTC)
    made = []
    for number, (minutes, name) in enumerate(zip([0, 0, 1, 1, 1, 2, 3], "bbaacab", strict=True)):
        key = ApiKey.objects.create(account=account, name=name, scopes=["*"], secret_hash=bytes([number]) * 32)
        ApiKey.objects.filter(pk=key.pk).update(created_at=start + timedelta(minutes=minutes))
        made.append(key)
    return made


def walk(sort: Sort, limit: int) -> list[int]:
    """Every row's id, page by page."""
    seen: list[int] = []
    cursor = None
    for _ in range(20):
        page = keyset_page(ApiKey.objects.all(), sort=sort, cursor=cursor, limit=limit)
        assert len(page.rows) == limit or page.next_cursor is None
        seen += [row.pk for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            return seen
    raise AssertionError("the list does not end")


@pytest.mark.django_db
@pytest.mark.usefixtures("keys")
class TestCursors:
    @pytest.mark.parametrize("sort", [NEWEST, OLDEST, NEWEST_BY_ID, BY_NAME], ids=lambda sort: sort.name)
    @pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8])
    def test_pages_join_to_the_whole_list(self, sort: Sort, limit: int):
        whole = [row.pk for row in ApiKey.objects.order_by(*sort.columns)]

        assert walk(sort, limit) == whole

    def test_a_page_costs_one_query(self):
        first = keyset_page(ApiKey.objects.all(), sort=NEWEST, cursor=None, limit=2)

        with CaptureQueriesContext(connection) as queries:
            keyset_page(ApiKey.objects.all(), sort=NEWEST, cursor=first.next_cursor, limit=2)
        assert len(queries) == 1

    def test_a_cursor_of_another_order_is_refused(self):
        cursor = keyset_page(ApiKey.objects.all(), sort=NEWEST, cursor=None, limit=2).next_cursor

        with pytest.raises(ApiError) as refused:
            keyset_page(ApiKey.objects.all(), sort=OLDEST, cursor=cursor, limit=2, field="after")
        assert [(each.name, each.message) for each in refused.value.problems] == [("after", FOREIGN_CURSOR)]


def packed(data: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "!!!!",
        "é",
        "A" * 5000,
        packed([]),
        packed({"s": "newest"}),
        packed({"s": "newest", "v": []}),
        packed({"s": "newest", "v": "ab"}),
        packed({"s": "newest", "v": ["2026-01-01", 1]}),
        packed({"s": "newest", "v": ["9999-01-01T00:00:00Z", 1]}),
        packed({"s": "newest", "v": ["2026-01-01T00:00:00Z", "1"]}),
        packed({"s": "newest", "v": ["2026-01-01T00:00:00Z", True]}),
        packed({"s": "newest", "v": ["2026-01-01T00:00:00Z", 10**30]}),
        packed({"s": "newest", "v": [{}, []]}),
        base64.urlsafe_b64encode(b"[" * 700).decode(),
    ],
)
def test_a_forged_cursor_is_refused(cursor: str):
    with pytest.raises(ApiError) as refused:
        NEWEST.read(cursor, field="cursor")

    assert [(each.name, each.message) for each in refused.value.problems] == [("cursor", BAD_CURSOR)]


@pytest.mark.parametrize("value", ["not-a-uuid", 7, None, "\0"])
def test_a_uuid_in_a_cursor_is_checked(value: object):
    sort = Sort("id", ("id",), (UUID,))

    assert sort.read(packed({"s": "id", "v": [str(UUID(int=7))]}), field="cursor") == [UUID(int=7)]
    with pytest.raises(ApiError):
        sort.read(packed({"s": "id", "v": [value]}), field="cursor")


@pytest.mark.parametrize("value", [7, None, "a\0b", "\ud800"])
def test_a_text_in_a_cursor_is_checked(value: object):
    sort = Sort("name", ("name",), (str,))

    assert sort.read(packed({"s": "name", "v": ["a\u00a0b\n"]}), field="cursor") == ["a\u00a0b\n"]
    with pytest.raises(ApiError):
        sort.read(packed({"s": "name", "v": [value]}), field="cursor")
