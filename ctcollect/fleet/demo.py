"""The demo: a whole fleet on one machine collects four local logs whose content is known."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from ctcollect.broker import Broker
from ctcollect.catalogue import read_log_list
from ctcollect.celery import app
from ctcollect.coordinator import planner
from ctcollect.coordinator.context import Context
from ctcollect.errors import ConfigurationError, StoreUnavailable
from ctcollect.fleet import commands
from ctcollect.fleet.demo_result import DemoResult, compare_with_truth
from ctcollect.fleet.ending import Ending, end
from ctcollect.fleet.local_logs import OPERATORS
from ctcollect.fleet.processes import Children
from ctcollect.fleet.progress import Progress
from ctcollect.fleet.redis_server import free_port, start_redis
from ctcollect.local_log import scenarios
from ctcollect.settings import Settings, load
from ctcollect.store import Store, schema
from ctcollect.store.logs import put_logs
from ctcollect.store.status import status_document

FRIENDS = {"alice": ("google", "digicert", "cloudflare"), "bob": ("trustasia", "cloudflare", "google")}
FEWEST_FOR_SCENARIOS = len(OPERATORS) * max(scenarios.entry_counts())
START_SECONDS = 300
STUCK_SECONDS = 180
LOOK_EVERY_SECONDS = 0.5
# Everything at once instead of the calm defaults: the demo's servers are our own.
HASTE = {
    "CTCOLLECT_ALLOW_LOCAL_LOGS": "1",
    "CTCOLLECT_FEED_EVERY_SECONDS": "0.5",
    "CTCOLLECT_AUDIT_EVERY_SECONDS": "1",
    "CTCOLLECT_SAMPLE_EVERY_SECONDS": "2",
    "CTCOLLECT_LANE_CONCURRENCY": "4",
    "CTCOLLECT_LEASE_SECONDS": "120",
    "CTCOLLECT_VISIBILITY_TIMEOUT_SECONDS": "60",
}


def run_demo(entries: int, port: int, exit_when_done: bool, directory: Path | None) -> bool:
    """Run it; True when every entry was collected and verified and what was found is what the logs hold.

    That goes for the renewal scenarios in the report too, if the analysis is installed.
    """
    with _folder(directory) as folder:
        demo = Demo(entries, port or free_port(), folder)
        with Children(folder / "output", demo.environment) as children:
            result = demo.run(children)
            click.echo(result.text())
            ending = demo.end()
            click.echo(ending.text)
            if exit_when_done:
                click.echo(_farewell(directory))
            else:
                click.echo(f"The page stays at {demo.page_url} until Ctrl+C.")
                demo.stay(children)
        return result.is_right and ending.is_right


def _farewell(directory: Path | None) -> str:
    return f"Everything is in {directory}." if directory else "The folder goes now, the report too: --dir DIR keeps it."


@contextmanager
def _folder(directory: Path | None) -> Iterator[Path]:
    """The folder that the user named, which is kept, or a temporary one."""
    if directory:
        if directory.exists() and any(directory.iterdir()):
            raise ConfigurationError(f"{directory} is not empty: name a new folder")
        directory.mkdir(parents=True, exist_ok=True)
        yield directory.resolve()
        return
    temporary = Path(tempfile.mkdtemp(prefix="ctcollect-demo-"))
    try:
        yield temporary
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


class Demo:
    """One run in one folder."""

    def __init__(self, entries: int, port: int, folder: Path) -> None:
        self.entries, self.port, self.folder = entries, port, folder
        self.page_url = f"http://127.0.0.1:{port}/"
        self.environment = HASTE | {
            "CTCOLLECT_DATABASE_URL": f"sqlite:///{folder}/ct.sqlite",
            "CTCOLLECT_DATA_DIR": str(folder / "data"),
        }
        self.list_file, self.truth_file = folder / "log_list.json", folder / "truth.jsonl"

    @property
    def settings(self) -> Settings:
        return load(self.environment)

    def run(self, children: Children) -> DemoResult:
        """Start every part, wait until all is verified, compare with the truth."""
        started_at = time.monotonic()
        (self.folder / "data").mkdir(exist_ok=True)
        specs = self._log_specs()
        click.echo(f"Making four local logs of {self.entries:,} entries in all and starting a fleet of two friends ...")
        local_log = commands.local_log(specs, free_port(), self.list_file, self.truth_file, self.with_scenarios)
        children.start("local-log", local_log, is_server=True)
        self.environment["CTCOLLECT_BROKER_URL"] = start_redis(children, self.folder / "redis")
        self._start_fleet(children)
        store = self._plan(children)
        click.echo(f"The fleet is at work; watch it at {self.page_url}")
        document = self._wait(children, store)
        return compare_with_truth(store, document, self.truth_file, time.monotonic() - started_at)

    def _log_specs(self) -> list[str]:
        """The four logs share the entries as evenly as it goes."""
        count = len(OPERATORS)
        return [f"{spec}:{(self.entries + at) // count}" for at, spec in enumerate(OPERATORS)]

    @property
    def with_scenarios(self) -> bool:
        """Whether the logs are large enough to hold the renewal scenarios."""
        return self.entries >= FEWEST_FOR_SCENARIOS

    def end(self) -> Ending:
        """The report; what Ctrl+C interrupts leaves nothing behind."""
        click.echo("Writing the report ...")
        why_none = None if self.with_scenarios else f"they take --entries {FEWEST_FOR_SCENARIOS} or more"
        return end(Store(self.settings.database_url), self.settings.data_dir, why_none)

    def _start_fleet(self, children: Children) -> None:
        schema.upgrade(Store(self.settings.database_url))
        children.start("coordinator", commands.coordinator())
        children.start("beat", commands.beat())
        for friend, queue_names in FRIENDS.items():
            children.start(friend, commands.friend_worker(friend, queue_names))
        children.start("web", commands.web(self.port))

    def _plan(self, children: Children) -> Store:
        children.wait_until(self.list_file.exists, "the local log", START_SECONDS)
        found = read_log_list(self.list_file.read_bytes())
        store = Store(self.settings.database_url)
        with store.transaction() as session:
            names = put_logs(session, found.logs)
        for name in names:
            planner.plan(Context(self.settings, store, Broker(app)), name, "full")
        return store

    def _wait(self, children: Children, store: Store) -> dict[str, Any]:
        """The status document when all is verified; ConfigurationError when nothing moves for three minutes."""
        moved_at, last_sum = time.monotonic(), -1
        with Progress() as progress:
            while True:
                children.check()
                document = _status(store)
                totals = document["totals"]
                progress.show(document)
                if totals["verified"] == totals["wanted"] > 0:
                    return document
                if (present := totals["done"] + totals["verified"]) != last_sum:
                    moved_at, last_sum = time.monotonic(), present
                if time.monotonic() - moved_at > STUCK_SECONDS:
                    raise ConfigurationError(f"nothing has moved for {STUCK_SECONDS} s: see {self.folder}/output")
                time.sleep(LOOK_EVERY_SECONDS)

    def stay(self, children: Children) -> None:
        """Until Ctrl+C."""
        try:
            while True:
                children.check()
                time.sleep(1)
        except KeyboardInterrupt:
            click.echo("Stopping.")


def _status(store: Store) -> dict[str, Any]:
    while True:
        try:
            with store.reading() as session:
                return status_document(session)
        except StoreUnavailable:
            time.sleep(LOOK_EVERY_SECONDS)
