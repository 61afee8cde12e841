"""Takes people through their campaigns: whoever's step is due gets its request and message, or the reason why not.

Who is due is a row. Everybody who waits is taken in small batches, the same share for every account; a step asks a
person once, by the constraint `request_once_a_step`, however many workers run and whenever they die.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

import structlog
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.domain.actors import SYSTEM
from campaigns.domain import campaigns, enrolments, releasing, requests, timing
from campaigns.domain.queries import campaigns as queries
from campaigns.domain.sender import decisions, gates, subjects
from campaigns.models import Campaign, Enrolment, Message, MessageTemplate, Step
from feedbackhub.errors import HubError

log = structlog.get_logger(__name__)

State = Enrolment.State
BATCH = 50
# How long somebody waits whose campaign lacks something, or whose step failed unexpectedly.
PAUSE = timedelta(minutes=15)
NO_POSTAL_ADDRESS = "The account has no postal address, which e-mail must carry."

# One campaign an account, drawn by lot: a big account gets no more of a batch than a small one.
_DUE = """
WITH turn AS MATERIALIZED (
  SELECT id FROM (
    SELECT DISTINCT ON (c.account_id) c.id FROM campaigns_campaign c
    JOIN accounts_account a ON a.id = c.account_id AND a.active AND a.deleted_at IS NULL
    WHERE c.state = 'running' AND EXISTS (
      SELECT 1 FROM campaigns_enrolment e
      WHERE e.campaign_id = c.id AND e.state = 'active' AND e.next_at <= statement_timestamp())
    ORDER BY c.account_id, random()
  ) one ORDER BY random() LIMIT %(batch)s
)
SELECT due.id FROM turn CROSS JOIN LATERAL (
  SELECT e.id FROM campaigns_enrolment e
  WHERE e.campaign_id = turn.id AND e.state = 'active' AND e.next_at <= statement_timestamp()
  ORDER BY e.next_at, e.id
  LIMIT (SELECT greatest(1, %(batch)s / count(*)) FROM turn)
  FOR UPDATE SKIP LOCKED
) due
"""


def run(*, seconds: float = 20.0) -> int:
    """Works off what is due; how many people and members of audiences were looked at. Safe to run at once."""
    end, looked_at = monotonic() + seconds, 0
    releasing.release_strays()
    while monotonic() < end:
        done = expand_some() + advance_some()
        looked_at += done
        if not done:
            break
    campaigns.end_finished()
    return looked_at


@transaction.atomic
def expand_some() -> int:
    """One chunk of one one-off campaign's audience."""
    waiting = Campaign.objects.filter(state=Campaign.State.RUNNING, kind=Campaign.Kind.ONE_OFF, expanded_at=None)
    waiting = waiting.filter(account__active=True, account__deleted_at=None).select_related("account")
    # The one that has got least far, so that none waits for a big one to be through.
    campaign = waiting.select_for_update(skip_locked=True, of=("self",)).order_by("expanded_to", "pk").first()
    return enrolments.expand(campaign=campaign) if campaign else 0


@transaction.atomic
def advance_some() -> int:
    """A batch of people, fair across accounts; how many."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"batch": BATCH})
        ids = [id for (id,) in cursor.fetchall()]
    if not ids:
        return 0
    related = ("campaign__account", "customer__account", "location__account")
    people = list(Enrolment.objects.filter(pk__in=ids).select_related(*related).order_by("next_at", "pk"))
    done = queries.done_steps(people)
    steps = {campaign: queries.steps_of(campaign) for campaign in {each.campaign for each in people}}
    for each in people:
        turn = Turn(each, steps[each.campaign], done[each.pk], timezone.now())
        try:
            with transaction.atomic():
                turn.take()
        except Exception:
            log.exception("step failed", enrolment=each.pk)
            Enrolment.objects.filter(pk=each.pk).update(next_at=turn.now + PAUSE)
    return len(ids)


@dataclass
class Turn:
    """One person's: their step is done if it is its time, and the next one is put down."""

    enrolment: Enrolment
    steps: list[Step]
    done: dict[int, int]
    now: datetime

    def take(self) -> None:
        gone = self._gone()
        step = self._next()
        if gone:
            self._end(State.LEFT, gone)
        elif step is None:
            self._end(State.COMPLETED, "")
        elif (moment := self._due(step)) > self.now:
            self._wait(step, moment)
        elif self._lacks_postal_address(step):
            self._wait(step, self.now + PAUSE)
        else:
            self._do(step)

    def _gone(self) -> str:
        customer = self.enrolment.customer
        if customer.deleted_at is not None or customer.merged_into_id is not None:
            return "The customer was deleted."
        return "The location was deleted." if self.enrolment.location.deleted_at is not None else ""

    def _next(self) -> Step | None:
        """The first step behind everything that was done, also by steps that were moved or removed since."""
        behind = max(self.done.values(), default=0)
        return next((step for step in self.steps if step.pk not in self.done and step.position > behind), None)

    def _before(self, step: Step) -> Step | None:
        return next((each for each in reversed(self.steps) if each.position < step.position), None)

    def _due(self, step: Step) -> datetime:
        zone = timing.zone_of(customer=self.enrolment.customer, location=self.enrolment.location)
        planned = timing.due(enrolment=self.enrolment, step=step, before=self._before(step), zone=zone)
        return timing.into(max(planned, self.now), window=timing.window_of(step), zone=zone)

    def _lacks_postal_address(self, step: Step) -> bool:
        by_mail = step.template.channel == MessageTemplate.Channel.EMAIL
        return by_mail and not self.enrolment.campaign.account.postal_address.strip()

    def _do(self, step: Step) -> None:
        message = self.draft(step)
        decision = gates.judge(subjects.load([message], now=self.now)[0])
        objection = decision.objection
        if objection is not None and objection.ends:
            decisions.store_step(enrolment=self.enrolment, step=step, decision=decision)
        else:
            self._ask(step)
        self.done[step.pk] = step.position
        self.enrolment.last_step_at = self.now
        following = self._next()
        if following is None:
            self._end(State.COMPLETED, "")
        else:
            self._wait(following, self._due(following))

    def draft(self, step: Step) -> Message:
        """The message as the gates look at it; not rendered, not stored."""
        return requests.draft(enrolment=self.enrolment, step=step, now=self.now)

    def _ask(self, step: Step) -> None:
        try:
            with transaction.atomic():
                requests.create_for_step(enrolment=self.enrolment, step=step, now=self.now, actor=SYSTEM)
        except IntegrityError:
            said = "This step has written to the same person or address before."
            self._skip(step, "once_a_step", "A step writes once to a person and an address.", said)
        except HubError as error:
            self._skip(step, "can_be_made", "The message can be made.", error.message)

    def _skip(self, step: Step, gate: str, rule: str, said: str) -> None:
        objection = gates.verdict(gate, rule, gates.Stop(Message.State.CANCELLED, said))
        decisions.store_step(enrolment=self.enrolment, step=step, decision=gates.Decision((objection,)))

    def _wait(self, step: Step, moment: datetime) -> None:
        each = self.enrolment
        each.next_step, each.next_at = step, moment
        each.save(update_fields=["next_step", "next_at", "last_step_at"])

    def _end(self, state: str, why: str) -> None:
        each = self.enrolment
        each.state, each.why_ended, each.ended_at = state, why, self.now
        each.next_step = each.next_at = None
        each.save(update_fields=["state", "why_ended", "ended_at", "next_step", "next_at", "last_step_at"])
