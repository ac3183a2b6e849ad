"""PURE: finds, from answers and refusals alone, the rate that a host allows. No clock, no thread.

Three phases, counted in steps: a step is one good answer, or a second's worth of them above one a second.

- Search: no limit is known, the rate doubles (TCP's slow start, RFC 5681 section 3.1) until the host refuses.
- Below the limit: a refusal halves the rate and tells the limit (LimitEstimate); the rate soon returns to 90 % of
  it and flattens towards 96 % along a cubic (RFC 9438 section 4.3), so that most of the time is spent just under it.
- Beyond it: after a number of steps without a refusal the rate is led over the limit, slowly at first; when the
  host still does not refuse its limit was raised, and the search begins again.

Plain additive increase with halving would run at three quarters of the limit and be refused more often.
"""

import math
from collections import deque
from dataclasses import dataclass, field

SLOWEST_PER_SECOND = 1 / 60
FASTEST_PER_SECOND = 1e6
DOUBLING_STEPS = 6.0
RECOVERY_STEPS = 2.0
# Shares of the limit: right after the refusal, when recovered, and while it is left in peace.
HALVED_SHARE, RETURN_SHARE, HELD_SHARE = 0.5, 0.9, 0.96
# A rate that doubles overshoots by so much at most before the host's credit is used up.
LEAST_SHARE = 0.7
# CUBIC's answer to a mild sign of congestion.
SLOWED_SHARE = 0.7
# Steps from a refusal to the next approach: the more, the rarer the refusals and the later a raised limit is found.
FEWEST_STEPS, MOST_STEPS_OF_SLOW, MOST_STEPS = 6.0, 36.0, 80.0
LONGEST_HOLD_SECONDS = 180.0
# How many steps, as a share of those, the rate is then led over the limit, and how far in as many as those.
STEPS_BEYOND = 0.25
RISE_BEYOND = 0.72
# A refusal after few answers says little against a limit that many answers have told.
TRUSTED_STEPS = 4.0
LEAST_EVIDENCE_STEPS = 0.01
# A host that makes one wait costs more than one that does not: its limit is touched the more rarely.
STEPS_A_PAUSED_STEP = 10.0
MARKS = 64
SHORTEST_SECONDS = 1e-6


class LimitEstimate:
    """What a host's refusal tells about its limit, from when it gave good answers.

    A limiter that saves up ``credit`` requests lets through at most ``credit + limit * seconds`` in any time: a token
    bucket's arrival curve (RFC 2212; Le Boudec and Thiran, Network Calculus, 1.2). Turned round, any stretch of time
    bounds the limit from below, and the stretch in which the credit was used up tells it.
    """

    def __init__(self) -> None:
        self.answers = 0
        self._last_answer = 0.0
        # (moment, answers before it); at the first one of all, after a refusal, the host's credit was zero.
        self._marks: deque[tuple[float, int]] = deque(maxlen=MARKS)
        self._refused_at: float | None = None

    def answered(self, now: float) -> None:
        self.answers += 1
        self._last_answer = now
        if self._refused_at is None and not self._marks:
            self.mark(now)

    def mark(self, now: float) -> None:
        """A stretch begins: to be called once a step."""
        self._marks.append((now, self.answers))

    def asked_per_second(self, now: float) -> float:
        """The rate that was really used of late, with the request that is refused ``now``; infinite when unknown."""
        begins = [*self._marks]
        if self._refused_at is not None:
            begins.append((self._refused_at, 0))
        rates = [(1 + self.answers - before) / max(now - at, SHORTEST_SECONDS) for at, before in begins]
        return max(rates, default=math.inf)

    def per_second(self, credit: float) -> float:
        """The limit, as far as the answers tell it: 0.0 when there were too few."""
        stretches = [(self._last_answer - at, self.answers - before - credit) for at, before in self._marks]
        if self._refused_at is not None:
            stretches.append((self._last_answer - self._refused_at, self.answers))
        return max((answers / seconds for seconds, answers in stretches if seconds > SHORTEST_SECONDS), default=0.0)

    def refused(self, now: float) -> None:
        """Begin anew: the host's credit is used up."""
        self.answers, self._refused_at = 0, now
        self._marks.clear()


@dataclass
class AdaptiveRate:
    """The rate for one host. Moments are seconds of one monotonic clock."""

    start_per_second: float
    ceiling_per_second: float
    per_second: float = field(init=False)
    limit_per_second: float | None = field(default=None, init=False)
    _steps: float = field(default=0.0, init=False)
    _marked_steps: float = field(default=0.0, init=False)
    _hold_steps: float = field(default=MOST_STEPS, init=False)
    _trusted_steps: float = field(default=0.0, init=False)
    _estimate: LimitEstimate = field(default_factory=LimitEstimate, init=False, repr=False)

    def __post_init__(self) -> None:
        self._set(self.start_per_second)

    def _set(self, per_second: float) -> None:
        highest = min(self.ceiling_per_second, FASTEST_PER_SECOND)
        self.per_second = min(max(per_second, SLOWEST_PER_SECOND), highest)

    def set_ceiling(self, per_second: float) -> None:
        """Never go over this from now on; a higher one than before is approached step by step."""
        self.ceiling_per_second = per_second
        self._set(self.per_second)

    def good(self, now: float) -> None:
        """A good answer has come at ``now``: rise by its part of a step."""
        step = min(1.0, 1 / self.per_second)
        self._steps += step
        self._estimate.answered(now)
        if self._steps - self._marked_steps >= 1:
            self._marked_steps = self._steps
            self._estimate.mark(now)
        self._set(self._next_rate(step))

    def _next_rate(self, step: float) -> float:
        limit, beyond = self.limit_per_second, self._steps - self._hold_steps
        if limit is None or beyond > STEPS_BEYOND * self._hold_steps:
            self.limit_per_second = None
            return self.per_second * 2 ** (step / DOUBLING_STEPS)
        if beyond > 0:
            return limit * (HELD_SHARE + RISE_BEYOND * beyond / self._hold_steps)
        flattened = HELD_SHARE - (HELD_SHARE - RETURN_SHARE) * (-beyond / self._hold_steps) ** 3
        recovered = HALVED_SHARE + (RETURN_SHARE - HALVED_SHARE) * self._steps / RECOVERY_STEPS
        return limit * min(flattened, recovered)

    def refused(self, now: float, asked_pause_seconds: float = 0.0) -> None:
        """The host has refused a request at ``now``, and perhaps asked for a pause: halve the rate, learn the limit."""
        used = min(self.per_second, self._estimate.asked_per_second(now))
        limit = self._learn_limit(used)
        most = min(max(LONGEST_HOLD_SECONDS * limit, MOST_STEPS_OF_SLOW), MOST_STEPS)
        hold = min(max(2 * self._steps, FEWEST_STEPS), most)
        self._hold_steps = max(hold, STEPS_A_PAUSED_STEP * asked_pause_seconds * min(1.0, limit))
        self._steps = self._marked_steps = 0.0
        self._estimate.refused(now)
        self._set(HALVED_SHARE * used)

    def _learn_limit(self, used: float) -> float:
        """The limit after a refusal at the rate ``used``: what the answers tell, against what is known, by evidence."""
        told, least = self._estimate.per_second(credit=max(1.0, used) - 1), LEAST_SHARE * used
        known, new = self.limit_per_second, min(used, max(told, least))
        steps = self._estimate.answers / max(1.0, used) + LEAST_EVIDENCE_STEPS
        if known is not None and new < known:
            new = known + (new - known) * steps / (steps + self._trusted_steps)
        if told > least:
            self._trusted_steps = min(self._trusted_steps + steps, TRUSTED_STEPS)
        self.limit_per_second = new
        return new

    def slow_down(self) -> None:
        """The host's answers take longer: go on at a lower rate, as after a mild refusal, and rise again from there."""
        self._set(self.per_second * SLOWED_SHARE)
        self.limit_per_second = self.per_second / RETURN_SHARE
        self._hold_steps = MOST_STEPS
        self._steps = self._marked_steps = RECOVERY_STEPS
