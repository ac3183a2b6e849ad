"""How cost grows with size: the slope of a series over sizes a decade apart."""

import math
import re
import statistics
from collections.abc import Sequence
from pathlib import Path

OWN_MEMORY = Path("/proc/self")


def slope(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """The power of the size with which the cost grows: 1.0 is linear, less is better (least squares of logarithms)."""
    return statistics.linear_regression([math.log(each) for each in sizes], [math.log(each) for each in costs]).slope


def slope_sentence(what: str, of: str, sizes: Sequence[float], costs: Sequence[float]) -> str:
    """``CPU seconds grow with the entries of an order to the power 1.00 (1 is linear).``"""
    return f"{what} grow with {of} to the power {slope(sizes, costs):.2f} (1 is linear)."


def forget_peak_memory() -> None:
    """From now on peak_memory_bytes() tells of what comes (proc(5): clear_refs)."""
    (OWN_MEMORY / "clear_refs").write_text("5")


def peak_memory_bytes() -> int:
    """The most memory that this process had at a time (proc(5): VmHWM)."""
    return int(re.findall(r"VmHWM:\s+(\d+) kB", (OWN_MEMORY / "status").read_text())[0]) * 1024
