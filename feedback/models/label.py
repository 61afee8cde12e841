"""Words of an account's own that its items are sorted by."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models import Account
from accounts.models.base import TenantQuerySet
from feedback.models.item import FeedbackItem


@pghistory.track()
class Label(models.Model):
    class Colour(models.TextChoices):
        """Hues that console.css knows; each is readable in light and in dark, and the name stands beside it."""

        GREY = "grey", "Grey"
        RED = "red", "Red"
        ORANGE = "orange", "Orange"
        YELLOW = "yellow", "Yellow"
        GREEN = "green", "Green"
        TEAL = "teal", "Teal"
        BLUE = "blue", "Blue"
        VIOLET = "violet", "Violet"
        PINK = "pink", "Pink"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="labels", db_index=False)
    name = models.CharField(max_length=60)
    colour = models.CharField(max_length=8, choices=Colour.choices, default=Colour.GREY)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantQuerySet["Label"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("account", Lower("name"), name="label_once_an_account"),
            models.CheckConstraint(condition=~Q(name=""), name="label_has_a_name"),
            models.CheckConstraint(
                condition=Q(colour__in=["grey", "red", "orange", "yellow", "green", "teal", "blue", "violet", "pink"]),
                name="label_colour_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name


# No column of this table names the account, so no check can compare them.
SAME_ACCOUNT = pgtrigger.Trigger(
    name="same_account",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update,
    func="""
      IF (SELECT account_id FROM feedback_feedbackitem WHERE id = NEW.item_id)
         IS DISTINCT FROM (SELECT account_id FROM feedback_label WHERE id = NEW.label_id) THEN
        RAISE EXCEPTION 'item_label_same_account' USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      RETURN NEW;
    """,
)


@pghistory.track()
class ItemLabel(models.Model):
    """An item has a label. Adding and removing does not count the item's version up: nothing is overwritten."""

    item = models.ForeignKey(FeedbackItem, on_delete=models.CASCADE, related_name="item_labels", db_index=False)
    label = models.ForeignKey(Label, on_delete=models.CASCADE, related_name="item_labels", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "label"], name="item_label_once")]
        # Item ids grow with time: from the end, a label's latest items.
        indexes = [models.Index(fields=["label", "-item"], name="item_label_items")]
        triggers = [SAME_ACCOUNT]

    def __str__(self) -> str:
        return f"{self.label_id} on {self.item_id}"
