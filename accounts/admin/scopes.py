"""What a key may do, as a table: an API a row, reading and writing the columns."""

from __future__ import annotations

from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from accounts.domain import keys

# What people call the contracts; a contract that is not named here goes by its own word.
NAMES = {
    "*": "Every API, also those to come",
    "api": "The hub's own API (/api/v1)",
    "feedbackapi": "FeedbackAPI (/v1.3)",
    "hub": "Formbricks Hub (/v1)",
    "buildbetter": "BuildBetter (/v3/rest)",
    "leadping": "Leadping (/leadping)",
    "inkeep": "Inkeep (/inkeep)",
}
VERBS = {"read": "Read", "write": "Write"}


class ScopeTable(forms.CheckboxSelectMultiple):
    """Ticks of both columns are one scope: the contract's own."""

    template_name = "console/scope_table.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        ticked = {each for scope in value or () for each in _halves(scope)}
        context["verbs"] = VERBS.items()
        context["lines"] = [
            (base, label, [(verb, f"{base}:{verb}", f"{base}:{verb}" in ticked) for verb in VERBS])
            for base, label in _contracts().items()
        ]
        return context

    def _render(self, template_name: str, context: dict[str, Any], renderer: Any = None) -> SafeString:
        """Past the forms' own renderer, which does not know our templates."""
        return render_to_string(template_name, context)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        given: list[str] = super().value_from_datadict(data, files, name) or []
        return merged(given)


def merged(scopes: list[str]) -> list[str]:
    """`hub:read` and `hub:write` are `hub`; the rest as it is."""
    both = {base for base in _contracts() if {f"{base}:{verb}" for verb in VERBS} <= set(scopes)}
    return list(dict.fromkeys(scope.partition(":")[0] if _base(scope) in both else scope for scope in scopes))


def told(scopes: list[str]) -> str:
    """For a list: "Inkeep (/inkeep), writing only; …"."""
    return "; ".join(_told(scope) for scope in scopes)


def _told(scope: str) -> str:
    base, _, verb = scope.partition(":")
    only = {"read": ", reading only", "write": ", writing only"}.get(verb, "")
    return _contracts().get(base, base) + only


def _contracts() -> dict[str, str]:
    known = {_base(scope) for scope in keys.known_scopes()}
    named = {base: label for base, label in NAMES.items() if base in known}
    return named | {base: base for base in sorted(known - named.keys())}


def _base(scope: str) -> str:
    return scope.partition(":")[0]


def _halves(scope: str) -> list[str]:
    base, _, verb = scope.partition(":")
    return [scope] if verb else [f"{base}:{each}" for each in VERBS]
