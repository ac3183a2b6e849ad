"""PURE: whether a host's answers take longer than they used to, which says that it is near its limits."""

from dataclasses import dataclass

# Weights of the newest answer: a short memory, as TCP's of its round trips (RFC 6298 section 2), and a long one.
SHORT_WEIGHT = 1 / 8
LONG_WEIGHT = 1 / 256
TOLERATED_TIMES = 2.0
# Less than this is noise of a busy machine, not of a busy log.
TOLERATED_SECONDS = 0.25
ANSWERS_BETWEEN = 16


@dataclass
class LatencyGradient:
    """Compares a short with a long moving average of latencies, as Netflix' concurrency-limits do (Gradient2Limit);
    TCP Vegas (Brakmo and Peterson 1995) compares with the shortest ever seen, which a log's cache would falsify."""

    _short: float = 0.0
    _long: float = 0.0
    _answers: int = 0

    def is_rising(self, seconds: float) -> bool:
        """Whether, with this answer's latency, answers take more than twice as long as they used to.

        At most once in 16 answers: what was done about it must show its effect first.
        """
        if not self._long:
            self._short = self._long = seconds
        self._short += SHORT_WEIGHT * (seconds - self._short)
        self._long += LONG_WEIGHT * (seconds - self._long)
        self._answers += 1
        tolerated = max(TOLERATED_TIMES * self._long, self._long + TOLERATED_SECONDS)
        if self._answers < ANSWERS_BETWEEN or self._short <= tolerated:
            return False
        self._answers = 0
        return True
