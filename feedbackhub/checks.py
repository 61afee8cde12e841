"""System checks: misconfiguration is named before it hurts."""

from __future__ import annotations
