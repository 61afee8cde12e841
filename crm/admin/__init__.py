"""People and places in the console."""

from __future__ import annotations

from crm.admin import companies, customers, identities, locations, merges, suppressions

__all__ = ["companies", "customers", "identities", "locations", "merges", "suppressions"]
