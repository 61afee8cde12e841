"""Callers of the mount."""

from __future__ import annotations

from tests.feedbackapi import api, bobs_api, charlies_api, each_api

__all__ = ["api", "bobs_api", "charlies_api", "each_api"]
