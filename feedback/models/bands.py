"""How good a score is: one of three bands, worked out by PostgreSQL for an item from the answers behind it.

A trigger, because evidence comes and goes in several places, and because a list of a million items that is filtered by
score needs the band in the item's own row (docs/adr/0020-the-band-of-an-item.md).
"""

from __future__ import annotations

import pgtrigger
from django.db import models


class Band(models.IntegerChoices):
    """The worst answer decides. NPS to 6, 8 and 10; stars, CSAT and other scales to 60 % and below 80 %; CES to 3
    and 4 of 7; unhappy or happy."""

    BAD = 1, "Bad"
    NEUTRAL = 2, "So-so"
    GOOD = 3, "Good"


# Of a record r; null for what is no score.
_BAND = """CASE r.field_type
    WHEN 'nps' THEN CASE WHEN r.value_number <= 6 THEN 1 WHEN r.value_number < 9 THEN 2 ELSE 3 END
    WHEN 'ces' THEN CASE WHEN r.value_number <= 3 THEN 1 WHEN r.value_number < 5 THEN 2 ELSE 3 END
    WHEN 'boolean' THEN CASE WHEN r.value_boolean THEN 3 WHEN NOT r.value_boolean THEN 1 END
    WHEN 'csat' THEN CASE WHEN r.value_number <= 3 THEN 1 WHEN r.value_number < 4 THEN 2 ELSE 3 END
    WHEN 'rating' THEN CASE
      WHEN r.value_number / COALESCE(r.value_scale, 5) <= 0.6 THEN 1
      WHEN r.value_number / COALESCE(r.value_scale, 5) < 0.8 THEN 2 ELSE 3 END
  END"""

_RESCORE = f"""
  UPDATE feedback_feedbackitem i SET score_band = scored.band
  FROM (
    SELECT each.id, (
      SELECT min({_BAND}) FROM feedback_evidence e JOIN feedback_feedbackrecord r ON r.id = e.record_id
      WHERE e.item_id = each.id AND (r.value_number IS NOT NULL OR r.value_boolean IS NOT NULL)
    ) AS band FROM ({{items}}) each
  ) scored
  WHERE i.id = scored.id AND i.score_band IS DISTINCT FROM scored.band;
  RETURN NULL;
"""  # noqa: S608 - constants of ours

EVIDENCE_CHANGED = pgtrigger.Trigger(
    name="scored",
    when=pgtrigger.After,
    operation=pgtrigger.Insert | pgtrigger.Delete | pgtrigger.Update,
    func=_RESCORE.format(items="SELECT NEW.item_id AS id UNION SELECT OLD.item_id"),
)
RECORD_CORRECTED = pgtrigger.Trigger(
    name="corrected",
    when=pgtrigger.After,
    operation=pgtrigger.UpdateOf("value_number", "value_boolean", "field_type"),  # type: ignore[no-untyped-call]
    condition=pgtrigger.Q(old__value_number__df=pgtrigger.F("new__value_number"))
    | pgtrigger.Q(old__value_boolean__df=pgtrigger.F("new__value_boolean"))
    | pgtrigger.Q(old__field_type__df=pgtrigger.F("new__field_type")),
    func=_RESCORE.format(items="SELECT item_id AS id FROM feedback_evidence WHERE record_id = NEW.id"),
)
