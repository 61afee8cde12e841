"""The base of the own API's views: as strict as its document."""

from __future__ import annotations

from typing import Any, TypeVar

from rest_framework.request import Request

from feedbackhub.api.own.contract import API
from feedbackhub.api.own.shapes import shaped
from feedbackhub.api.views import ContractViewSet
from feedbackhub.errors import FieldProblem, Invalid

T = TypeVar("T")


class OwnViewSet(ContractViewSet):
    """An action takes the query parameters that its `@describe` lists and no others, and bodies by `self.taken`."""

    contract = API

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.check_query(request)

    def check_query(self, request: Request) -> None:
        """A mistyped filter must not read as none at all."""
        known: dict[str, bool] = getattr(getattr(self, self.action or "", None), "described_query", {})
        asked = request.query_params
        unknown = f"is not a known parameter; known are: {', '.join(known) or 'none'}"
        problems = [FieldProblem(name[:64], unknown) for name in asked if name not in known]
        problems += [
            FieldProblem(name, "must be given once")
            for name, many in known.items()
            if not many and len(asked.getlist(name)) > 1
        ]
        if problems:
            raise Invalid.many(problems)

    def taken(self, shape: type[T]) -> T:
        """The body as a msgspec struct; one that forbids unknown fields has none but its own."""
        return shaped(self.json_body(), shape)
