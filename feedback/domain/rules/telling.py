"""A rule as a sentence."""

from __future__ import annotations

from feedback.models import FeedbackItem, TriageRule

Compare = TriageRule.Compare


def when(rule: TriageRule) -> str:
    """ "When a record that comes by API scores at most 6 on NPS, with words"."""
    said = [f"When {rule.get_signal_display()}"]
    if rule.contract:
        said.append(f"({rule.get_contract_display()})")
    if rule.compare in (Compare.AT_MOST, Compare.AT_LEAST):
        said.append(f"{rule.get_compare_display()} {rule.bound:g} on {rule.get_field_type_display()}")
    elif rule.compare:
        said.append(rule.get_compare_display() + (f" on {rule.get_field_type_display()}" if rule.field_type else ""))
    elif rule.field_type:
        said.append(f"has a field of type {rule.get_field_type_display()}")
    return ", ".join([" ".join(said), *_conditions(rule)])


def then(rule: TriageRule) -> str:
    """ "make it a complaint in Till"."""
    said = f"make it a {rule.get_item_type_display().lower()}"
    if rule.item_type == FeedbackItem.Type.OTHER:
        said = "make it an item"
    if rule.area:
        said += f" in {rule.area}"
    if rule.status != FeedbackItem.Status.NEW:
        said += f", {rule.get_status_display().lower()}"
    return said


def _conditions(rule: TriageRule) -> list[str]:
    return [
        *(["with words"] if rule.has_words else []),
        *([f"mentioning {' or '.join(f'“{word}”' for word in rule.words)}"] if rule.words else []),
        *([f"at {rule.location}"] if rule.location else []),
        *([f"in {rule.language}"] if rule.language else []),
        *([f"from {rule.source_type}"] if rule.source_type else []),
        *([f"of tenant {rule.tenant_id}"] if rule.tenant_id else []),
    ]
