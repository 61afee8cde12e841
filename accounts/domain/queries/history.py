"""What happened to a row: the audit events that the triggers wrote, told as changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pghistory.core
from django.db.models import Field, ForeignKey, Model
from django.utils import timezone

# Bookkeeping that follows from the change itself and says nothing to a reader.
SILENT = frozenset({"updated_at", "version", "reviewed_at", "reviewed_by", "closed_at", "closed_by"})
LABELS = {"insert": "created", "update": "changed", "delete": "deleted"}


@dataclass(frozen=True)
class FieldChange:
    name: str
    label: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Change:
    """One write: when, by whom, and each field's value before and after (empty for created and deleted)."""

    at: datetime
    verb: str
    actor: str
    actor_label: str
    fields: tuple[FieldChange, ...]
    # Whether the verb says all.
    told: bool = False
    # In words, where the hub did it by itself.
    why: str = ""
    # The name of the macro that did it, if one did.
    macro: str = ""

    @property
    def who(self) -> str:
        return self.actor_label or self.actor or "FeedbackHub"

    @property
    def seconds_ago(self) -> float:
        return max(0.0, (timezone.now() - self.at).total_seconds())


def is_tracked(model: type[Model]) -> bool:
    return bool(pghistory.core.event_models(tracks_model=model))


def of_row(*, row: Model, limit: int = 200) -> list[Change]:
    """A row's changes, newest first. Choices are spelled out; related rows are named in one query per model."""
    events: list[Any] = []
    event_models: list[Any] = pghistory.core.event_models(tracks_model=type(row))
    for event_model in event_models:
        events += event_model.objects.filter(pgh_obj_id=row.pk).order_by("-pgh_id")[: limit + 1]
    fields = [field for field in type(row)._meta.concrete_fields if _told(field, events)]
    names = _names(fields, events)
    changes = []
    for event, older in zip(events, [*events[1:], None], strict=False):
        told = _fields(fields, older, event, names) if event.pgh_label == "update" and older else ()
        if told or event.pgh_label != "update":
            changes.append(_change(event, told))
    return changes[:limit]


def told(event: Any, verb: str) -> Change:
    """An event of another row in words of its own, to stand among a row's changes."""
    return replace(_change(event, ()), verb=verb, told=True)


def latest(*, row: Model) -> Change | None:
    """The last write, also one that changed nothing a reader is told of; without its fields."""
    event_models: list[Any] = pghistory.core.event_models(tracks_model=type(row))
    event = event_models[0].objects.filter(pgh_obj_id=row.pk).order_by("-pgh_id").first()
    return _change(event, ()) if event is not None else None


def _change(event: Any, fields: tuple[FieldChange, ...]) -> Change:
    context = event.pgh_context or {}
    return Change(
        at=event.pgh_created_at,
        verb="undid" if context.get("undo") else LABELS.get(event.pgh_label, event.pgh_label),
        actor=str(context.get("actor", "")),
        actor_label=str(context.get("actor_label", "")),
        fields=fields,
        why=str(context.get("why", "")),
        macro=str(context.get("macro", "")),
    )


def _told(field: Field[Any, Any], events: list[Any]) -> bool:
    return field.name not in SILENT and bool(events) and hasattr(events[0], field.attname)


def _fields(
    fields: Iterable[Field[Any, Any]], older: Any, newer: Any, names: dict[tuple[type[Model], Any], str]
) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(
            field.name,
            str(field.verbose_name).capitalize(),
            _value(field, getattr(older, field.attname), names),
            _value(field, getattr(newer, field.attname), names),
        )
        for field in fields
        if getattr(older, field.attname) != getattr(newer, field.attname)
    )


def _value(field: Field[Any, Any], value: Any, names: dict[tuple[type[Model], Any], str]) -> Any:
    if value is None:
        return None
    if isinstance(field, ForeignKey):
        return names.get((field.related_model, value), f"#{value}")
    return dict(field.flatchoices).get(value, value) if field.choices else value


def _names(fields: Iterable[Field[Any, Any]], events: list[Any]) -> dict[tuple[type[Model], Any], str]:
    wanted: dict[type[Model], set[Any]] = {}
    for field in fields:
        if not isinstance(field, ForeignKey):
            continue
        values = {getattr(event, field.attname) for event in events}
        # A related row that never changed needs no name.
        if len(values) > 1:
            wanted.setdefault(field.related_model, set()).update(values - {None})
    return {
        (model, row.pk): str(row) for model, ids in wanted.items() for row in model._default_manager.filter(pk__in=ids)
    }


@dataclass(frozen=True)
class Event:
    """One write in a list of many rows' writes; `title` is how the row was called then."""

    id: int
    at: datetime
    verb: str
    who: str
    title: str
    row_id: Any


def has_account(model: type[Model]) -> bool:
    return any(field.name == "account" for field in model._meta.concrete_fields)


def recent(*, model: type[Model], accounts: list[int] | None, before: int | None, limit: int) -> list[Event]:
    """The latest writes to any row of a model, newest first; of these accounts, or None for all."""
    event_models: list[Any] = pghistory.core.event_models(tracks_model=model)
    rows = event_models[0].objects.order_by("-pgh_id")
    if accounts is not None:
        rows = rows.filter(account__in=accounts)
    if before is not None:
        rows = rows.filter(pgh_id__lt=before)
    return [_event(model, row) for row in rows[:limit]]


def _event(model: type[Model], row: Any) -> Event:
    change = _change(row, ())
    return Event(row.pgh_id, change.at, change.verb, change.who, _title(model, row), row.pgh_obj_id)


def _title(model: type[Model], row: Any) -> str:
    """By what a reader knows the row; never through other rows, which would cost a query each."""
    for name in ("name", "message", "email", "title", "address", "body", "public_id"):
        if value := getattr(row, name, None):
            return str(value)[:100]
    return f"{model._meta.verbose_name} {row.pgh_obj_id}"
