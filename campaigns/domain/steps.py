"""The sequence of a campaign: checked and replaced as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from django.utils import timezone

from campaigns.domain.queries import campaigns as queries
from campaigns.models import Campaign, MessageTemplate, Step
from campaigns.models.campaign import EVERY_DAY
from feedbackhub.errors import FieldProblem, Invalid, NotFound

MOST = 20
LONGEST_DAYS = 365
MINUTES_A_DAY = 24 * 60
COLUMNS = ("template", "delay_days", "delay_minutes", "delay_from", "window_start", "window_end", "weekdays")


@dataclass(frozen=True)
class StepDraft:
    """What is wanted of one step; `id` is the public id of the one that it changes, blank for a new one."""

    template: MessageTemplate
    delay_days: int = 0
    delay_minutes: int = 0
    delay_from: str = Step.DelayFrom.ENTRY
    window_start: time | None = None
    window_end: time | None = None
    weekdays: int = EVERY_DAY
    id: str = ""


def draft_of(step: Step, templates: dict[int, MessageTemplate] | None = None) -> StepDraft | None:
    """The step as it is, for a copy; None when `templates` has no counterpart of its template."""
    template = step.template if templates is None else templates.get(step.template_id)
    if template is None:
        return None
    rest = {name: getattr(step, name) for name in COLUMNS if name != "template"}
    return StepDraft(template=template, **rest)


def replace(*, campaign: Campaign, drafts: Sequence[StepDraft]) -> bool:
    """Make the campaign's steps these, in this order; whether anything changed. The campaign is locked.

    A step left out is removed, not deleted: what it sent still names it.
    """
    check(campaign=campaign, drafts=drafts)
    mine = {step.public_id: step for step in queries.steps_of(campaign)}
    strangers = [draft.id for draft in drafts if draft.id and draft.id not in mine]
    if strangers:
        raise NotFound(f"This campaign has no step {strangers[0][:40]}.")
    kept = {draft.id for draft in drafts if draft.id}
    gone = [step for id, step in mine.items() if id not in kept]
    wanted = [_as_step(campaign, draft, position, mine.get(draft.id)) for position, draft in enumerate(drafts, 1)]
    changed = [(step, names) for step, names in wanted if names]
    if not gone and not changed:
        return False
    for step in gone:
        step.removed_at = timezone.now()
        step.save(update_fields=["removed_at"])
    # Out of the way first: no two steps may share a position for a moment either.
    moved = [step.pk for step, names in changed if step.pk and "position" in names]
    for step in Step.objects.filter(pk__in=moved):
        step.position += 1000
        step.save(update_fields=["position"])
    for step, names in changed:
        step.save(update_fields=names if step.pk else None)
    return True


def _as_step(campaign: Campaign, draft: StepDraft, position: int, old: Step | None) -> tuple[Step, list[str]]:
    """The row as wanted, and which of its columns differ."""
    values = {name: getattr(draft, name) for name in COLUMNS} | {"position": position}
    if old is None:
        return Step(campaign=campaign, **values), list(values)
    names = [name for name, value in values.items() if getattr(old, name) != value]
    for name in names:
        setattr(old, name, values[name])
    return old, names


def check(*, campaign: Campaign, drafts: Sequence[StepDraft]) -> None:
    """Raises Invalid naming every field at fault as steps.<number from 1>.<field>."""
    problems = []
    if len(drafts) > MOST:
        problems.append(FieldProblem("steps", f"At most {MOST} steps."))
    latest = 0
    for number, draft in enumerate(drafts, 1):
        problems += [FieldProblem(f"steps.{number}.{name}", say) for name, say in _problems(campaign, draft)]
        if draft.delay_from == Step.DelayFrom.ENTRY:
            after = draft.delay_days * MINUTES_A_DAY + draft.delay_minutes
            if after < latest:
                say = f"Step {number} would come before the step above it."
                problems.append(FieldProblem(f"steps.{number}.delay_days", say))
            latest = max(latest, after)
    if problems:
        raise Invalid.many(problems)


def _problems(campaign: Campaign, draft: StepDraft) -> list[tuple[str, str]]:
    found = []
    if draft.template.account_id != campaign.account_id or draft.template.deleted_at:
        found.append(("template", "There is no such template."))
    if not 0 <= draft.delay_days <= LONGEST_DAYS:
        found.append(("delay_days", f"Must be 0 to {LONGEST_DAYS} days."))
    if not 0 <= draft.delay_minutes < MINUTES_A_DAY:
        found.append(("delay_minutes", "Must be less than a day: use days for more."))
    if draft.delay_from not in Step.DelayFrom.values:
        found.append(("delay_from", f"Must be one of: {', '.join(Step.DelayFrom.values)}."))
    if (draft.window_start is None) != (draft.window_end is None):
        found.append(("window_end", "Give both ends of the window, or neither."))
    elif draft.window_start and draft.window_end and draft.window_start >= draft.window_end:
        found.append(("window_end", "The window must end after it starts, on the same day."))
    if not 1 <= draft.weekdays <= EVERY_DAY:
        found.append(("weekdays", "Choose at least one day of the week."))
    return found
