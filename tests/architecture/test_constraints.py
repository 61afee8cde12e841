"""What a column may hold is said twice: to people as choices, to the database as a constraint."""

from __future__ import annotations

from django.apps import apps
from django.db.models import CheckConstraint

APPS = ("accounts", "crm", "feedback", "reviews", "campaigns")


def test_a_constraint_knows_the_same_words_as_the_choices():
    found = {}
    for app in APPS:
        for model in apps.get_app_config(app).get_models():
            for constraint in model._meta.constraints:
                if isinstance(constraint, CheckConstraint) and constraint.name.endswith("_known"):
                    ((lookup, words),) = constraint.condition.children
                    field = model._meta.get_field(lookup.removesuffix("__in"))
                    found[constraint.name] = (set(words), {word for word, _ in field.choices})
    assert {name for name, (words, choices) in found.items() if words != choices} == set()
    assert {"item_type_known", "suppression_reason_known", "attempt_outcome_known"} <= set(found)
