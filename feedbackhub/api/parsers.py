"""Body parsers of the API kit."""

from __future__ import annotations

from rest_framework.parsers import JSONParser


class StrictJSONParser(JSONParser):
    """JSON that refuses what contracts forbid."""
