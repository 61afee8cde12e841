"""Filters of the lists: a table per noun, each entry a condition made of one query parameter."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q

from accounts.models import Account
from feedbackhub.api.errors import invalid
from feedbackhub.api.feedbackapi.arguments import TIMESTAMP, as_boolean
from feedbackhub.api.times import parse_timestamp

# (account, parameter, its text) -> condition
Condition = Callable[[Account, str, str], Q]
_DECIMAL = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?", re.ASCII)


@dataclass(frozen=True)
class Filter:
    condition: Condition
    schema: dict[str, Any]
    description: str


def before(path: str, description: str) -> Filter:
    """Upper limit, inclusive: a time without a fraction means its whole second, the unit the answers use."""

    def condition(account: Account, name: str, value: str) -> Q:
        moment = parse_timestamp(value, name, allow_epoch=True)
        if moment.microsecond:
            return Q((f"{path}__lte", moment))
        return Q((f"{path}__lt", moment + timedelta(seconds=1)))

    return Filter(condition, TIMESTAMP, description)


def after(path: str, description: str) -> Filter:
    """Lower limit, inclusive."""

    def condition(account: Account, name: str, value: str) -> Q:
        return Q((f"{path}__gte", parse_timestamp(value, name, allow_epoch=True)))

    return Filter(condition, TIMESTAMP, description)


def span(wire: str, path: str) -> dict[str, Filter]:
    """`<wire>_before` and `<wire>_after`."""
    return {
        f"{wire}_before": before(path, f"Not later than this on `{wire}`; epoch seconds or ISO 8601 with a zone."),
        f"{wire}_after": after(path, f"Not earlier than this on `{wire}`; epoch seconds or ISO 8601 with a zone."),
    }


def same(lookup: str, description: str, clean: Callable[[str], str] = str.strip) -> Filter:
    """Equal to the text, `clean` applied first; which kind of equal is the lookup's business."""
    return Filter(lambda account, name, value: Q((lookup, clean(value))), {"type": "string"}, description)


def flag(when_true: Callable[[Account], Q], description: str) -> Filter:
    """True keeps what `when_true` says, false the rest."""

    def condition(account: Account, name: str, value: str) -> Q:
        return when_true(account) if as_boolean(name, value) else ~when_true(account)

    return Filter(condition, {"type": "boolean"}, description)


def one_of(lookup: str, choices: Mapping[str, str], description: str) -> Filter:
    """One of the words; `choices` maps them to stored values."""

    def condition(account: Account, name: str, value: str) -> Q:
        if value not in choices:
            raise invalid(name, f"must be one of {', '.join(choices)}.")
        return Q((lookup, choices[value]))

    return Filter(condition, {"type": "string", "enum": list(choices)}, description)


def number(lookup: str, low: int, high: int, description: str, *, only: Q | None = None, whole: bool = False) -> Filter:
    """A bound between `low` and `high`, on the rows that `only` keeps."""

    def condition(account: Account, name: str, value: str) -> Q:
        if not _DECIMAL.fullmatch(value) or not low <= float(value) <= high or (whole and "." in value):
            raise invalid(name, f"must be a {'whole ' if whole else ''}number from {low} to {high}.")
        return (only or Q()) & Q((lookup, float(value)))

    kind = "integer" if whole else "number"
    return Filter(condition, {"type": kind, "minimum": low, "maximum": high}, description)


def reference(lookup: str, find: Callable[[Account, str, str], Any], description: str) -> Filter:
    """A row named by its id; `find(account, id, parameter)` raises BadReference for what is not the account's."""

    def condition(account: Account, name: str, value: str) -> Q:
        return Q((lookup, find(account, value, name)))

    return Filter(condition, {"type": "string"}, description)
