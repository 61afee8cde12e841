"""The clocks of an item that is merged into another one, or stands for itself again.

A trigger, because an original that is deleted lets its duplicates go without any verb of theirs.
"""

from __future__ import annotations

import pgtrigger

# As feedback.domain.sla.clocks.next_due says it; LEAST passes over what is null.
MERGED_OR_NOT = pgtrigger.Trigger(
    name="merged_or_not",
    when=pgtrigger.Before,
    operation=pgtrigger.UpdateOf("duplicate_of_id"),  # type: ignore[no-untyped-call]
    condition=pgtrigger.Q(old__duplicate_of__df=pgtrigger.F("new__duplicate_of")),
    func="""
  NEW.sla_due_at := CASE WHEN NEW.closed_at IS NULL AND NEW.duplicate_of_id IS NULL
    THEN LEAST(CASE WHEN NEW.first_met_at IS NULL THEN NEW.first_due_at END, NEW.resolve_due_at) END;
  RETURN NEW;
""",
)
