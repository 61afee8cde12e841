"""The counting rule of the rate limits, twice: as a script for Redis and as a function for one process without it.

It is GCRA with the whole minute's limit as its burst, on a clock that ticks every STEP. On a smooth clock a burst that
takes two seconds to arrive earns new calls on its way, and "100 a minute" lets 103 through. The clock starts with the
burst, so no tick of another burst falls into it.

All times are microseconds. `tat`, the theoretical arrival time, is when the burst will be whole again.
"""

from __future__ import annotations

import math
from typing import NamedTuple

SECOND = 1_000_000
PERIOD = 60 * SECOND
STEP = 10 * SECOND
# Sums of period / limit are not exact.
SLACK = 1


class State(NamedTuple):
    anchor: float
    tat: float


class Outcome(NamedTuple):
    allowed: bool
    remaining: int
    # Until a call is allowed again, and until the burst is whole again.
    wait: float
    reset: float


def decide(state: State | None, *, now: float, limit: int) -> tuple[State | None, Outcome]:
    """The next state and what it means; `SCRIPT` line by line."""
    anchor = state.anchor if state else now
    clock = anchor + (now - anchor) // STEP * STEP
    base = max(state.tat if state else clock, clock)
    tat = base + PERIOD / limit
    if tat - clock > PERIOD + SLACK:
        opens = anchor + math.ceil((tat - PERIOD - SLACK - anchor) / STEP) * STEP
        return state, Outcome(False, 0, opens - now, base - now)
    remaining = math.floor((clock + PERIOD + SLACK - tat) * limit / PERIOD)
    return State(anchor, tat), Outcome(True, remaining, 0, tat - now)


# KEYS: the counter. ARGV: limit, PERIOD, STEP, SLACK. The answer is an Outcome.
SCRIPT = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local limit, period, step, slack = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local state = redis.call('HMGET', KEYS[1], 'anchor', 'tat')
local anchor = tonumber(state[1]) or now
local clock = anchor + math.floor((now - anchor) / step) * step
local base = math.max(tonumber(state[2]) or clock, clock)
local tat = base + period / limit
if tat - clock > period + slack then
  local opens = anchor + math.ceil((tat - period - slack - anchor) / step) * step
  return {0, 0, opens - now, base - now}
end
redis.call('HSET', KEYS[1], 'anchor', string.format('%.0f', anchor), 'tat', string.format('%.3f', tat))
redis.call('PEXPIRE', KEYS[1], math.ceil((tat - now) / 1000))
return {1, math.floor((clock + period + slack - tat) * limit / period), 0, tat - now}
"""
