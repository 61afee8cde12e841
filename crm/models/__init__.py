"""Places, people and the addresses that must not be written to."""

from __future__ import annotations

from crm.models.company import Company
from crm.models.customer import Customer, CustomerLocation
from crm.models.identity import Identity
from crm.models.location import Location
from crm.models.lookback import Lookback
from crm.models.merge import MergedRow, MergeRecord
from crm.models.suppression import Suppression

__all__ = [
    "Company",
    "Customer",
    "CustomerLocation",
    "Identity",
    "Location",
    "Lookback",
    "MergeRecord",
    "MergedRow",
    "Suppression",
]
