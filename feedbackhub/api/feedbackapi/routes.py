"""Paths of a noun: with and without a slash at the end, under its name and its aliases."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, path

from feedbackhub.api.feedbackapi.views import FeedbackAPIViewSet

# Method to action, as DRF's `as_view` takes it.
Actions = dict[str, Any]
COLLECTION: Actions = {"get": "list", "post": "create"}
MEMBER: Actions = {"get": "retrieve", "post": "update", "patch": "update", "delete": "destroy"}
# Options of `routes` for a noun that callers only read.
READ_ONLY: dict[str, Any] = {"collection": {"get": "list"}, "member": {"get": "retrieve"}}


def routes(
    noun: str,
    viewset: type[FeedbackAPIViewSet],
    *,
    collection: Actions = COLLECTION,
    member: Actions = MEMBER,
    aliases: tuple[str, ...] = (),
) -> list[URLPattern]:
    """Every spelling answers directly: a redirect would lose a POST's body. Only one of them is in the schema."""
    patterns = []
    for name in (noun, *aliases):
        for slash in ("", "/"):
            options = {} if name == noun and not slash else {"schema": None}
            patterns += [
                path(f"{name}{slash}", viewset.as_view(collection, **options), name=f"feedbackapi-{noun}"),
                path(f"{name}/<str:id>{slash}", viewset.as_view(member, **options), name=f"feedbackapi-{noun}-one"),
            ]
    return patterns
