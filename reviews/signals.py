"""What reviews tells the apps to its right. Sent inside the transaction of the change; receivers must not do I/O."""

from __future__ import annotations

from django.dispatch import Signal

# review: Review, newly stored
review_found = Signal()
