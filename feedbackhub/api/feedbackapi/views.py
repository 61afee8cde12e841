"""The base of FeedbackAPI's views."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse

from feedbackhub.api.errors import invalid, translate
from feedbackhub.api.feedbackapi import arguments, lists
from feedbackhub.api.feedbackapi.arguments import Argument, Kept
from feedbackhub.api.feedbackapi.contract import FEEDBACKAPI
from feedbackhub.api.feedbackapi.lists import Listing
from feedbackhub.api.feedbackapi.parsers import read_body
from feedbackhub.api.feedbackapi.times import stamped, wants_iso
from feedbackhub.api.parsers import strict_query
from feedbackhub.api.views import ContractViewSet
from feedbackhub.errors import FieldProblem


def _unchanged(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows


class FeedbackAPIViewSet(ContractViewSet):
    """Actions read `self.arguments(TABLE)`, make one domain call and return `self.reply(rendered)`."""

    contract = FEEDBACKAPI
    # The domain's names of fields as this noun spells them: {"customer": "subscriber"}.
    spelling: ClassVar[dict[str, str]] = {}
    # What a call with a body takes from its address; the document wants arguments in the body.
    beside_body: ClassVar[frozenset[str]] = frozenset()

    def arguments(
        self,
        table: Mapping[str, Argument],
        kept: Mapping[str, Kept] | None = None,
        shown: Callable[[], Mapping[str, Any]] = dict,
    ) -> dict[str, Any]:
        """The body's members by the noun's tables; ApiError naming the one at fault. `shown` is the object now."""
        for name in strict_query(self.request.META.get("QUERY_STRING", "")):
            if name not in self.beside_body:
                raise invalid(str(name)[:100], "is in the address. Send arguments in the body.")
        return arguments.read(read_body(self.request), table, kept, shown)

    def listed(
        self,
        listing: Listing,
        rows: QuerySet[Any],
        render: Callable[[Any], Any],
        detailed: Callable[[Any], QuerySet[Any]] = _unchanged,
    ) -> HttpResponse:
        """The page that the query string asks for. `detailed` adds to the page what the count does not need."""
        query = strict_query(self.request.META.get("QUERY_STRING", ""))
        asked = lists.understand(listing, query, self.account)
        return self.reply(lists.envelope(asked, rows, detailed, render))

    def deleted(self, id: str) -> HttpResponse:
        return self.reply({"id": id, "deleted": True})

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        error = translate(exc)
        error.problems = [
            FieldProblem(self.spelling.get(problem.name, problem.name), problem.message) for problem in error.problems
        ]
        return super().handle_exception(error)

    def reply(self, data: Any, status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
        """A JSON answer; datetimes in `data` become epoch seconds or, when asked for, ISO 8601."""
        iso = wants_iso(self.request.headers.get("Accept", ""))
        return super().reply(stamped(data, iso=iso), status, headers)
