"""Pages by number and by cursor."""

from __future__ import annotations

import base64
import json

import pytest
from django.http import QueryDict

from feedbackhub.api.errors import ApiError
from feedbackhub.api.pagination import numbered_page, opened, sealed, whole_number


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
        page = numbered_page(QueryDict(query), first=first, default=10, most=100, instead="narrow by created_after")

        assert (page.number, page.limit, page.offset) == expected

    def test_a_page_before_the_first_is_refused(self):
        with pytest.raises(ApiError):
            numbered_page(QueryDict("page=0"), first=1, default=10, most=100, instead="narrow by created_after")

    def test_the_deepest_page_is_served_and_the_next_is_not(self):
        numbered_page(QueryDict("page=100&limit=100"), first=0, default=10, most=100, instead="narrow by created_after")
        with pytest.raises(ApiError) as refused:
            numbered_page(
                QueryDict("page=101&limit=100"),
                first=0,
                default=10,
                most=100,
                instead="narrow by created_after",
            )

        assert refused.value.problems[0].name == "page"
        assert "created_after" in refused.value.message


SEEN = {"t": "2026-01-01T12:00:00.123456Z", "i": 7, "n": "a\u00a0b"}


def test_a_cursor_gives_back_what_was_sealed_with_and_without_padding():
    cursor = sealed(SEEN)

    assert opened(cursor) == SEEN
    assert opened(base64.urlsafe_b64encode(json.dumps(SEEN).encode()).decode()) == SEEN
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "!!!!",
        "é",
        "A" * 5000,
        base64.urlsafe_b64encode(b"[]").decode(),
        base64.urlsafe_b64encode(b'"t"').decode(),
        base64.urlsafe_b64encode(b"{" * 700).decode(),
        base64.urlsafe_b64encode(b"[" * 700).decode(),
    ],
)
def test_what_is_no_cursor_is_a_value_error(cursor: str):
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says, the contract has its own words
        opened(cursor)
