"""The console's admin site."""

from __future__ import annotations

from unfold.sites import UnfoldAdminSite


class ConsoleSite(UnfoldAdminSite):
    """Django admin under /console/, signed into through allauth."""

    site_title = "FeedbackHub"
    site_header = "FeedbackHub"
    index_title = "Console"
