"""Decent hours where the person is: the account's, the law's, and the calendar's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from campaigns.models import Message, MessageTemplate, SendingRules
from crm.domain import phones, time_zones
from feedbackhub.wall import at, calendar_of

# A day's hours; None: nothing is sent on it.
Span = tuple[time, time] | None
Hours = Callable[[date], Span]

SUNDAY, SATURDAY = 6, 5
LOOK_AHEAD_DAYS = 21
# Until this minute is until midnight.
END_OF_DAY = time(23, 59)


@dataclass(frozen=True)
class Law:
    """Hours for SMS to numbers with these area codes; `source` says where the rule is written."""

    place: str
    source: str
    hours: tuple[Span, ...]
    area_codes: frozenset[str] = frozenset()

    def of(self, day: date) -> Span:
        return self.hours[day.weekday()]


def _every(start: int, end: int) -> tuple[Span, ...]:
    return ((time(start), time(end)),) * 7


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Engineering defaults, no advice. They only ever narrow the account's own hours.
FEDERAL = Law("the United States", "47 CFR 64.1200(c)(1)", _every(8, 21))
STATES = (
    Law(
        "Florida",
        "Fla. Stat. 501.616(6)",
        _every(8, 20),
        _codes("239 305 321 324 352 386 407 448 561 645 656 689 727 728 754 772 786 813 850 863 904 941 954"),
    ),
    Law("Maryland", "Md. Code, Com. Law 14-4504", _every(8, 20), _codes("227 240 301 410 443 667")),
    Law("Mississippi", "Miss. Code 77-3-723", _every(8, 20), _codes("228 601 662 769")),
    Law("New Jersey", "N.J.A.C. 13:45D-4.1", _every(8, 20), _codes("201 551 609 640 732 848 856 862 908 973")),
    Law("Oklahoma", "Okla. Stat. 15-775C.4", _every(8, 20), _codes("405 539 572 580 918")),
    Law("Connecticut", "Conn. Gen. Stat. 42-288a", _every(9, 20), _codes("203 475 860 959")),
    Law(
        "Texas",
        "Tex. Bus. & Com. Code 301.051",
        (*_every(9, 21)[:6], (time(12), time(21))),
        _codes(
            "210 214 254 281 325 346 361 409 430 432 469 512 682 713 726 737 806 817 830 832 903 915 936 940 945 956 "
            "972 979"
        ),
    ),
    Law(
        "Rhode Island",
        "R.I. Gen. Laws 5-61-3.6",
        (*((time(9), time(18)),) * 5, (time(10), time(17)), None),
        _codes("401"),
    ),
)


def laws_for(*, channel: str, address: str) -> tuple[Law, ...]:
    """What the law says about an SMS to this number; nothing about mail."""
    if channel != MessageTemplate.Channel.SMS or phones.region(address) != "US":
        return ()
    code = address.removeprefix("+1")[:3]
    return (FEDERAL, *(law for law in STATES if code in law.area_codes))


def own_hours(given: SendingRules) -> Hours:
    """The account's hours of a day; none on the holidays that it keeps."""
    try:
        calendar = calendar_of(given.holidays) if given.holidays else {}
    except NotImplementedError:
        # Known when it was saved; a newer list of calendars may have dropped it, which must hold up no message.
        calendar = {}

    def of(day: date) -> Span:
        return None if day in calendar else (given.day_start, given.day_end)

    return of


def held_until(*, message: Message, rules: SendingRules, moment: datetime) -> datetime:
    """When the message may go, counted from the moment; the moment itself if that is now.

    A request made one by one goes when its caller says, unless the account wants otherwise (ADR 0004); a reply goes at
    once by mail, and by SMS never at night (ADR 0019).
    """
    if not _held(message, rules):
        return moment
    laws = laws_for(channel=message.channel, address=message.address)
    return opens(moment, hours=[own_hours(rules), *(law.of for law in laws)], zones=zones_of(message))


def _held(message: Message, rules: SendingRules) -> bool:
    if message.campaign_step_id is not None:
        return True
    if message.feedback_request is None:
        return message.channel == MessageTemplate.Channel.SMS
    return rules.hold_stand_alone


def zones_of(message: Message) -> tuple[str, ...]:
    """Where the person may be: all of them count."""
    request = message.feedback_request
    return time_zones.candidates(customer=message.customer, location=request.location if request else None)


def opens(moment: datetime, *, hours: Sequence[Hours], zones: Sequence[str]) -> datetime:
    """The first moment from then on that lies within all hours in all zones.

    A time that a clock change skips counts as the first instant after it, one that it repeats as its first.
    """
    found, last = moment, moment + timedelta(days=LOOK_AHEAD_DAYS)
    while found < last:
        later = max((_next(found, one, ZoneInfo(zone)) for one in hours for zone in zones), default=found)
        if later == found:
            return found
        found = later
    # No hour suits all: looked at again then.
    return last


def _next(moment: datetime, hours: Hours, zone: ZoneInfo) -> datetime:
    today = moment.astimezone(zone).date()
    for days in range(LOOK_AHEAD_DAYS + 1):
        day = today + timedelta(days=days)
        span = hours(day)
        if span is None:
            continue
        closes = _midnight_after(day, zone) if span[1] >= END_OF_DAY else at(datetime.combine(day, span[1]), zone)
        if moment < closes:
            return max(moment, at(datetime.combine(day, span[0]), zone))
    return moment + timedelta(days=LOOK_AHEAD_DAYS)


def _midnight_after(day: date, zone: ZoneInfo) -> datetime:
    return at(datetime.combine(day + timedelta(days=1), time.min), zone)
