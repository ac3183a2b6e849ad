"""The progress line keeps its form, and nothing that is told over the network can break it."""

import time
from typing import Any

import pytest

from ctcollect.progress_line import Figures, Forecast, Surroundings, progress_line, time_left

FIGURES = Figures(574_476, 0, 14_347_222, 72_310, 72_310, 33_287_774, "argon2024", {"argon2024"})
FORM = (
    "google      🌐 Req: 574,476 | 📁 Uploaded: 72,310 | 🇯🇵 JP: 72,310 (0.504%) | 📍 Index: 33,287,774 | ⏱️ ETA: 34h 37m"
)
HOURS = 34 * 3600 + 37 * 60


def test_the_form() -> None:
    """As users know it; plain text is the same without signs; what is not 0 stands behind."""
    assert progress_line("google", FIGURES, Surroundings(HOURS)) == FORM
    plain = progress_line("google", FIGURES, Surroundings(HOURS), fancy=False)
    assert plain == FORM.encode("ascii", "ignore").decode().replace("  Req", " Req").replace("|  ", "| ")
    busy = Figures(**{name: getattr(FIGURES, name) for name in Figures.__slots__} | {"throttled": 1_234})
    busy.logs = {"argon2024", "xenon2024"}
    around = Surroundings(HOURS, requests_per_second=2.5, spool_bytes=3 * 2**20)
    assert (
        progress_line("google", busy, around) == f"{FORM} | Log: argon2024 | Pace: 2.5/s | 429: 1,234 | Spool: 3.0 MB"
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "-"), (0, "0m 0s"), (59.6, "1m 0s"), (3599, "59m 59s"), (3600, "1h 0m"), (10**7, "2,777h 46m")],
)
def test_the_time_left(seconds: float | None, text: str) -> None:
    """Minutes and seconds below an hour, hours and minutes above."""
    assert time_left(seconds) == text


@pytest.mark.parametrize(
    "nonsense",
    [
        None,
        7,
        "x",
        [1],
        {1: 2},
        {"log": "soon"},
        {"log": True},
        {"log": float("nan")},
        {"log": float("inf")},
        {"log": 10**30},
    ],
)
def test_a_forecast_of_nonsense(nonsense: Any) -> None:
    """It is as good as none."""
    forecast = Forecast()
    forecast.tell(nonsense)
    assert forecast.seconds_left("log") is None


def test_a_forecast_counts_down() -> None:
    """What is left is told of the moment when it is asked for, and never below nothing; the latest word counts."""
    forecast, now = Forecast(), time.time()
    forecast.tell({"soon": now + 60, "past": now - 60} | {f"log-{number}": now for number in range(5_000)})
    assert forecast.seconds_left("soon") == pytest.approx(60, abs=2)
    assert forecast.seconds_left("past") == 0
    assert forecast.seconds_left("log-4999") is None
    forecast.tell({})
    assert forecast.seconds_left("soon") is None
