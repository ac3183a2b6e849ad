"""Nothing lost, nothing stored twice, nothing forged, whatever happens to the fleet; and how often it reads an entry.

    python -m benchmarks.chaos [--seed N ...] [--entries N] [--events-every SECONDS] [--no-data-loss] [--together N]
                               [--write]

A real fleet (Redis, MariaDB, two coordinators, beat, four honest friends and three that go wrong) collects four local
logs, once while Redis keeps its data and once while that gets lost too. Status 1 when the collection is not exactly
what the logs hold. A seed decides what happens and when; how the machine's processes take turns it does not.
"""

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from benchmarks.chaos_events import Chaos
from benchmarks.chaos_fleet import BAD, HONEST, ChaosFleet
from benchmarks.chaos_report import Result, report
from benchmarks.chaos_truth import checked_entries, compare, deliveries_by_friend, read_truth, recorded_entries
from benchmarks.common import write_between_markers
from ctcollect.errors import StoreUnavailable
from ctcollect.store.status import status_document
from ctcollect.store.trust import trust_of

PAGE = Path(__file__).parents[1] / "docs" / "chaos.md"
STUCK_SECONDS = 180
LONGEST_SECONDS = 3600
LOOK_EVERY_SECONDS = 0.25
# Orders that a paused worker held, and harvests that waited in a spool, may still come when all is done.
CALM_SECONDS = 15


def run(folder: Path, entries: int, seed: int, events_every: float, *, keeps_data: bool) -> Result:
    """SystemExit when nothing moves any more."""
    with ChaosFleet(folder, entries, seed) as fleet:
        started_at = time.monotonic()
        chaos = Chaos(fleet, seed, events_every, with_data_loss=not keeps_data)
        watch = Watch(fleet)
        while not watch.is_settled():
            chaos.step()
            time.sleep(LOOK_EVERY_SECONDS)
        seconds = time.monotonic() - started_at
        chaos.end()
        watch.wait_for_calm()
        served, served_to_bad = fleet.served(), fleet.served_to_bad()
        document = watch.document
        status, output = fleet.command("verify")
        with fleet.store.reading() as session:
            trust = {friend: trust_of(session, friend) for friend in (*HONEST, *BAD)}
        return Result(
            seed=seed,
            keeps_data=keeps_data,
            entries=document["totals"]["wanted"],
            served=served,
            served_to_bad=served_to_bad,
            checked=checked_entries(fleet.store),
            recorded=recorded_entries(fleet.store),
            seconds=seconds,
            events=chaos.happened,
            compared=compare(fleet.store, read_truth(fleet.truth_file, fleet.log_url)),
            verify_status=status,
            verify_output=output,
            trust=trust,
            brought=deliveries_by_friend(fleet.store),
            checks=document["second_opinions"],
            refused=document["totals"]["refused_harvests"],
            ended_by_themselves=sum(part.ended_by_itself for part in fleet.parts.values()),
        )


class Watch:
    """Looks at the status document: whether all is done, and whether anything moves."""

    def __init__(self, fleet: ChaosFleet) -> None:
        self.fleet = fleet
        self.document: dict[str, Any] = {}
        self._started_at = self._moved_at = time.monotonic()
        self._last: object = None

    def is_settled(self) -> bool:
        """All is verified and no second opinion is open. SystemExit when nothing has moved for minutes."""
        for part in self.fleet.parts.values():
            part.watch()
        try:
            with self.fleet.store.reading() as session:
                self.document = status_document(session)
        except StoreUnavailable:
            return False
        totals, checks = self.document["totals"], self.document["second_opinions"]
        figures = [totals[name] for name in ("wanted", "done", "verified")] + [checks["agreed"] + checks["disagreed"]]
        self._look_for_movement(figures)
        return bool(totals["verified"] == totals["wanted"] > 0 == checks["wanted"] + checks["out"])

    def _look_for_movement(self, figures: Sequence[int]) -> None:
        now = time.monotonic()
        if figures != self._last:
            self._moved_at, self._last = now, figures
            self._show(*figures)
        if now - self._moved_at > STUCK_SECONDS or now - self._started_at > LONGEST_SECONDS:
            status = orjson.dumps(self.document, option=orjson.OPT_INDENT_2).decode()
            raise SystemExit(f"nothing moves any more, see {self.fleet.folder}:\n{status}")

    def _show(self, wanted: int, done: int, verified: int, checked: int) -> None:
        seconds = time.monotonic() - self._started_at
        line = f"{seconds:5.0f} s: {done:,} of {wanted:,} entries done, {verified:,} verified, {checked:,} checked"
        sys.stderr.write(f"\r{line}    ")

    def wait_for_calm(self) -> None:
        """Until it was settled, with nothing in the queues, for a while."""
        since = time.monotonic()
        while time.monotonic() - since < CALM_SECONDS:
            if not self.is_settled() or self.fleet.waiting():
                since = time.monotonic()
            time.sleep(LOOK_EVERY_SECONDS)


@contextmanager
def chosen_folder(given: Path | None) -> Iterator[Path]:
    """The folder that the user named, which is kept, or a temporary one."""
    folder = given or Path(tempfile.mkdtemp(prefix="ctcollect-chaos-"))
    yield folder.resolve()
    if given is None:
        shutil.rmtree(folder)


def end(*_: object) -> None:
    """SIGTERM: end with everything that was started, and let nothing break that off."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(1)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seed", type=int, nargs="+", default=[1])
    parser.add_argument("--entries", type=int, default=200_000, help="of all logs together")
    parser.add_argument("--events-every", type=float, default=2.0, metavar="SECONDS")
    parser.add_argument("--no-data-loss", action="store_true", help="only the run in which Redis keeps its data")
    parser.add_argument("--together", type=int, default=1, metavar="N", help="so many runs at a time")
    parser.add_argument("--dir", type=Path, help="keep everything in this folder")
    parser.add_argument("--write", action="store_true", help=f"put the tables into {PAGE.name}")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, end)
    with chosen_folder(options.dir) as folder:
        kinds = [True] if options.no_data_loss else [True, False]
        with ProcessPoolExecutor(options.together) as pool:
            started = [
                pool.submit(
                    run, folder / f"{seed}-{kind}", options.entries, seed, options.events_every, keeps_data=kind
                )
                for seed in options.seed
                for kind in kinds
            ]
            runs = [each.result() for each in started]
        tables = report(runs, options.events_every)
        print(f"\n{tables}")
        if options.write:
            write_between_markers(PAGE, "chaos", tables)
        if faults := [f"seed {run.seed}: {fault}" for run in runs for fault in run.faults]:
            raise SystemExit("\n".join(faults))


if __name__ == "__main__":
    main()
