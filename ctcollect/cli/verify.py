"""``ctcollect verify``."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import click

from ctcollect.cli.common import ready_store
from ctcollect.coordinator.verifier import disagreements
from ctcollect.settings import load

FIRST_LINE_SECONDS, LINE_EVERY_SECONDS = 2.0, 10.0


@click.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option(
    "--ledger", "ledger_only", is_flag=True, help="Only ranges, their proofs and counters: less than a minute."
)
def verify(names: tuple[str, ...], ledger_only: bool) -> None:
    """Check everything that is stored against itself: heads, proofs, leaf files, counters. Asks no log.

    Prints what does not agree, a line each; the status is 1 then. The ledger comes first and takes less than a
    minute; of what takes longer, standard error says how long. The fleet may go on collecting meanwhile.
    """
    wrong, way = 0, Way()
    with ready_store().reading() as session:
        for line in disagreements(session, load().data_dir, names, ledger_only=ledger_only, tell=way.tell):
            click.echo(line)
            wrong += 1
    what = "in the ledger" if ledger_only else "that is stored"
    click.echo(f"{wrong:,} things do not agree" if wrong else f"everything {what} agrees")
    sys.exit(1 if wrong else 0)


@dataclass
class Way:
    """Tells on standard error how far a long walk is and how long the rest of each part takes."""

    clock: Callable[[], float] = time.monotonic
    part: str = ""
    begun_at: float = 0.0
    line_at: float = 0.0

    def tell(self, part: str, done: int, in_all: int) -> None:
        """As a Tell of the verifier; ``in_all`` is 0 when nobody knows."""
        now = self.clock()
        if part != self.part:
            self.part, self.begun_at, self.line_at = part, now, now + FIRST_LINE_SECONDS
        elif now >= self.line_at:
            self.line_at = now + LINE_EVERY_SECONDS
            left = f" of {in_all:,}, {_words(now - self.begun_at, done, in_all)} left" if done and in_all else ""
            click.echo(f"{part}: {done:,}{left}", err=True)


def _words(seconds: float, done: int, in_all: int) -> str:
    left = seconds * (in_all - done) / done
    return f"about {left / 60:,.0f} minutes" if left >= 90 else f"about {left:.0f} s"
