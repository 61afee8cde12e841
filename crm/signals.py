"""What crm tells the apps to its right. Sent inside the transaction of the change; receivers must not do I/O."""

from __future__ import annotations

from django.dispatch import Signal

# location: Location, actor: Actor
location_deleted = Signal()
# customer: Customer, locations: Sequence[Location] they were added to just now, whether or not they were known.
customer_added = Signal()
# customer: Customer, actor: Actor
customer_deleted = Signal()
# suppression: Suppression; also sent for a row that is about one channel or one address only.
suppression_added = Signal()
