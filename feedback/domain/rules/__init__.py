"""Triage rules: which signals become items, and how those are sorted."""
