"""Customers who became known under an id or an address: what was said under it before may be theirs.

The rows are written by triggers, so that no way of adding a customer forgets it and none costs a round trip more;
crm/domain/lookbacks.py works them off.
"""

from __future__ import annotations

from django.db import models


def asks(customer_id: str) -> str:
    """SQL of a trigger: look back for this customer, again if that was being done just now."""
    return (
        f"INSERT INTO crm_lookback (customer_id, asked_at) VALUES ({customer_id}, clock_timestamp()) "  # noqa: S608
        "ON CONFLICT (customer_id) DO UPDATE SET asked_at = EXCLUDED.asked_at, looked_at = NULL;"
    )


class Lookback(models.Model):
    """One customer to look back for. Looked at twice: what was being stored during the first time is seen then."""

    # By its name: Customer's own trigger writes here.
    customer = models.OneToOneField("crm.Customer", on_delete=models.CASCADE, related_name="+")
    # Tells whether somebody asked again meanwhile.
    asked_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["looked_at", "id"], name="lookback_due")]

    def __str__(self) -> str:
        return f"customer {self.customer_id}"
