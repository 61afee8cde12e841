"""What the gates look at: messages with all facts about them, loaded for one as for a thousand.

The sender loads one inside the attempt's transaction, after the address lock, so that whatever was committed before
is seen: a STOP, a deletion, an answer. A dry run loads messages that were never saved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from campaigns.models import Enrolment, Message
from crm.domain import suppressions
from crm.models import Suppression


@dataclass(frozen=True)
class Subject:
    """A message with its account, customer, request and location; `now` is the database's clock for the sender, any
    moment for a dry run."""

    message: Message
    now: datetime
    # The row that forbids it.
    block: Suppression | None = None

    @property
    def enrolment(self) -> Enrolment | None:
        """The run through a campaign that it belongs to."""
        request = self.message.feedback_request
        return request.enrolment if request is not None else None


def load(messages: Sequence[Message], *, now: datetime) -> list[Subject]:
    """Subjects in the order of the messages, which are all of one account. One query per kind of fact."""
    if not messages:
        return []
    wanted = [suppressions.Wanted(one.channel, one.address, one.customer_id) for one in messages]
    blocks = suppressions.blocking_each(account=messages[0].account, wanted=wanted)
    return [Subject(message, now, block) for message, block in zip(messages, blocks, strict=True)]
