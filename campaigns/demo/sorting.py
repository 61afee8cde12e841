"""How the two teams keep order in their inboxes: words of their own."""

from __future__ import annotations

from campaigns.demo.stage import Stage
from feedback.domain import labels, views
from feedback.models import FeedbackItem

CAFE = (("Refund", "red"), ("Waiting time", "orange"), ("Summer menu", "green"), ("Call back", "blue"))
SOFTWARE = (("Needs design", "violet"), ("Quick win", "green"), ("Key customer", "yellow"), ("8.4", "teal"))
VIEWS = (
    ("Unhappy, nobody's", "tab=all&mood=bad&assignee=none", True),
    ("Oldest first", "tab=new&sort=oldest&cols=type&cols=person&cols=age", False),
)


def sort(stage: Stage, names: tuple[tuple[str, str], ...]) -> None:
    made = [labels.create(account=stage.account, name=name, colour=colour, actor=stage.actor) for name, colour in names]
    for number, item in enumerate(FeedbackItem.objects.for_account(stage.account).order_by("created_at", "id")):
        # Most have none, some one, few two.
        for label in stage.chance.sample(made, (0, 1, 0, 2, 0, 1)[number % 6]):
            labels.add(item=item, label=label, actor=stage.actor)


def keep_views(stage: Stage) -> None:
    for name, query, shared in VIEWS:
        views.create(
            account=stage.account, owner=stage.staff[0], name=name, query=query, shared=shared, actor=stage.actor
        )
