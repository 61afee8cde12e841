"""Demo data: an agency with two client accounts, made through the same domain functions that users' work takes.

`load()` fills an empty hub and changes nothing in one that has the demo already.
"""

from __future__ import annotations

from campaigns.demo.load import is_loaded, load

__all__ = ["is_loaded", "load"]
