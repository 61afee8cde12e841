"""The parameters and bodies of searches by meaning."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import QueryDict

from feedback.api.hub.query import CURSOR_IS_BAD, LARGEST_FEW, required_text, whole
from feedback.api.hub.wire import REQUIRED, UNKNOWN
from feedback.domain.semantic.search import Place
from feedbackhub.api.pagination import opened, sealed
from feedbackhub.errors import FieldProblem, Invalid

DEFAULT_LIMIT = 10
DEFAULT_SCORE = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    limit: int
    at_least: float
    after: Place | None


def parse_wanted(query: QueryDict) -> Wanted:
    """How many and how alike. Raises Invalid with a problem per parameter at fault."""
    problems: list[FieldProblem] = []
    if query.get("limit") == "0":
        problems.append(FieldProblem("limit", "must be at least 1"))
    wanted = Wanted(
        limit=whole(query, "limit", LARGEST_FEW, problems) or DEFAULT_LIMIT,
        at_least=_score(query, problems),
        after=_place(query, problems),
    )
    if problems:
        raise Invalid.many(problems)
    return wanted


def parse_body(body: dict[str, Any]) -> tuple[str, str]:
    """The words, and the tenant whose answers are searched. Raises Invalid."""
    problems = [FieldProblem(name[:64], UNKNOWN) for name in body if name not in ("query", "tenant_id")]
    words = body.get("query")
    if words is None or (isinstance(words, str) and not words.strip()):
        problems.append(FieldProblem("query", REQUIRED))
    elif not isinstance(words, str):
        problems.append(FieldProblem("query", "must be string"))
    if reason := required_text(body.get("tenant_id")):
        problems.append(FieldProblem("tenant_id", reason))
    if problems:
        raise Invalid.many(problems)
    return str(words), body["tenant_id"].strip()


def cursor_of(place: Place) -> str:
    """Opaque to clients: the last match seen."""
    return sealed({"d": place.distance, "i": str(place.id)})


def _score(query: QueryDict, problems: list[FieldProblem]) -> float:
    text = query.get("min_score")
    if not text:
        return DEFAULT_SCORE
    try:
        score = float(text) if len(text) < 30 else math.nan
    except ValueError:
        score = math.nan
    if math.isnan(score):
        problems.append(FieldProblem("min_score", "must be a valid number"))
    elif not 0 <= score <= 1:
        problems.append(FieldProblem("min_score", "must be at least 0" if score < 0 else "must be at most 1"))
    return score


def _place(query: QueryDict, problems: list[FieldProblem]) -> Place | None:
    text = query.get("cursor")
    if not text:
        return None
    try:
        seen = opened(text)
        return Place(float(seen["d"]), UUID(seen["i"]))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        problems.append(FieldProblem("cursor", CURSOR_IS_BAD))
        return None
