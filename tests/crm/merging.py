"""What the tests of merging start from: two rows of one person, with a bit of everything."""

from __future__ import annotations

from typing import Any

from django.apps import apps as registry
from django.db.models import Model

from accounts.domain.actors import SYSTEM
from accounts.models import Account
from crm.domain.merging import merge as merging
from crm.models import Customer, MergeRecord, Suppression

APPS = ("crm", "feedback", "reviews", "campaigns")
# What a merge and its undoing leave behind on purpose, or what is not a fact about the person.
LEFT_BEHIND = ("crm.MergeRecord", "crm.MergedRow", "crm.Lookback", "crm.Suppression")
MOVING = ("updated_at",)


def two(account: Account, **loser: Any) -> tuple[Customer, Customer]:
    winner = Customer.objects.create(account=account, fname="Mia", email="mia@example.org")
    given = {"fname": "Mia", "sname": "Berg", "email": "mia.berg@example.net", "mobile_number": "+436601234567"}
    return winner, Customer.objects.create(account=account, **(given | loser))


def merge(winner: Customer, loser: Customer, *take: str) -> MergeRecord:
    return merging.merge(account=winner.account, winner=winner, loser=loser, take=take, actor=SYSTEM)


def facts(*apps: str) -> dict[str, list[dict[str, Any]]]:
    """Every row of these apps (all) but what is left behind on purpose; and the refusals that stand."""
    found = {model._meta.label: _rows(model) for app in apps or APPS for model in _models(app)}
    return found | {"standing": _standing()}


def _standing() -> list[dict[str, Any]]:
    rows = Suppression.objects.filter(lifted_at=None).order_by("pk")
    return list(rows.values("id", "customer", "address", "channel", "reason"))


def _models(app: str) -> list[type[Model]]:
    models = registry.get_app_config(app).get_models()
    return [one for one in models if not hasattr(one, "pgh_tracked_model") and one._meta.label not in LEFT_BEHIND]


def _rows(model: type[Model]) -> list[dict[str, Any]]:
    rows = model._base_manager.order_by("pk").values()
    return [{name: value for name, value in row.items() if name not in MOVING} for row in rows]
