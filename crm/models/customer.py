"""The person."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models import Account
from accounts.models.base import PublicIdField, TenantQuerySet
from crm.models import flags, lookback
from crm.models.company import Company
from crm.models.location import Location

ALIVE = Q(deleted_at=None, merged_into=None)


class CustomerQuerySet(TenantQuerySet["Customer"]):
    def alive(self) -> CustomerQuerySet:
        """Listed and retrievable: neither deleted nor merged into another."""
        return self.filter(ALIVE)


@pghistory.track(exclude=["last_email_at", "last_sms_at", "opted_out", "undeliverable"])
class Customer(models.Model):
    """Unique in an account by e-mail and by mobile.

    A deleted row keeps its addresses, so that adding the person again revives it and finished campaigns stay
    finished.
    """

    public_id = PublicIdField()
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="customers", db_index=False)
    email = models.EmailField(null=True, blank=True)
    # E.164.
    mobile_number = models.CharField(max_length=16, null=True, blank=True)
    fname = models.CharField(max_length=100, null=True, blank=True)
    sname = models.CharField(max_length=100, null=True, blank=True)
    country_code = models.CharField(max_length=2, null=True, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    language = models.CharField(max_length=10, blank=True)
    company = models.ForeignKey(Company, on_delete=models.SET_NULL, null=True, blank=True, related_name="people")
    # Ours or theirs: BuildBetter's `boundary`.
    internal = models.BooleanField(default=False)
    properties = models.JSONField(default=dict, blank=True)
    locations = models.ManyToManyField(Location, through="CustomerLocation", related_name="customers")
    last_email_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_sms_at = models.DateTimeField(null=True, blank=True, editable=False)
    # What the rows of Suppression say, kept by triggers: writing here changes nothing. See flags.py.
    opted_out = models.BooleanField(default=False, editable=False)
    undeliverable = models.BooleanField(default=False, editable=False)
    merged_into = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "account", Lower("email"), condition=Q(merged_into=None), name="customer_email_once"
            ),
            models.UniqueConstraint(
                fields=["account", "mobile_number"], condition=Q(merged_into=None), name="customer_mobile_once"
            ),
            models.CheckConstraint(
                condition=Q(mobile_number=None) | Q(mobile_number__regex=r"^\+[1-9][0-9]{7,14}$"),
                name="customer_mobile_e164",
            ),
            models.CheckConstraint(
                condition=~Q(email="") & ~Q(mobile_number=""), name="customer_addresses_null_not_blank"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-created_at", "-id"], name="customer_account_created", condition=ALIVE),
            # Counts of the list: seven bytes a row, so that a million take milliseconds and never touch the table.
            models.Index(
                fields=["account", "country_code", "opted_out", "undeliverable"],
                name="customer_alive",
                condition=ALIVE,
            ),
            # The few that a flag is set for, newest first: nobody walks over the many others to find them.
            models.Index(
                fields=["account", "-created_at", "-id"],
                name="customer_opted_out",
                condition=ALIVE & Q(opted_out=True),
            ),
            models.Index(
                fields=["account", "-created_at", "-id"],
                name="customer_undeliverable",
                condition=ALIVE & Q(undeliverable=True),
            ),
            # Orders of the list; e-mail and mobile have the unique ones.
            models.Index(fields=["account", "last_email_at", "id"], name="customer_last_email", condition=ALIVE),
            models.Index(fields=["account", "last_sms_at", "id"], name="customer_last_sms", condition=ALIVE),
            # Orders and filters: with one value, the newest come first.
            models.Index(
                fields=["account", "country_code", "created_at", "id"], name="customer_country", condition=ALIVE
            ),
            # Not partial: the planner knows how common a name is only from an index over all rows.
            models.Index("account", Lower("fname"), "created_at", "id", name="customer_fname"),
            models.Index("account", Lower("sname"), "created_at", "id", name="customer_sname"),
        ]
        triggers = [
            flags.OF_CUSTOMER,
            pgtrigger.Trigger(
                name="look_back",
                operation=pgtrigger.Insert
                | pgtrigger.UpdateOf("email", "mobile_number", "deleted_at", "merged_into_id"),  # type: ignore[no-untyped-call]
                when=pgtrigger.After,
                func=f"""
                    IF NEW.deleted_at IS NULL AND NEW.merged_into_id IS NULL AND (TG_OP = 'INSERT'
                        OR (OLD.email, OLD.mobile_number, OLD.deleted_at, OLD.merged_into_id)
                            IS DISTINCT FROM (NEW.email, NEW.mobile_number, NEW.deleted_at, NEW.merged_into_id))
                    THEN {lookback.asks("NEW.id")} END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email or self.mobile_number or self.public_id

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.fname, self.sname) if part)


class CustomerLocation(models.Model):
    """Which locations a customer belongs to."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    location = models.ForeignKey(Location, on_delete=models.CASCADE)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "location"], name="customer_location_once")]

    def __str__(self) -> str:
        return f"{self.customer} at {self.location}"
