"""The fleet of the chaos benchmark: every part a process that can be killed, started again, stopped and let go on."""

import multiprocessing
import random
import shutil
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import orjson
import requests

from ctcollect.catalogue import queues
from ctcollect.fleet.demo import HASTE
from ctcollect.local_log import LocalLog, serve_forever
from ctcollect.routing import RESULTS
from ctcollect.store import Store
from tests.services.mariadb import MariadbServer
from tests.services.processes import Process, wait_until
from tests.services.programs import SERVER_FOLDERS
from tests.services.redis import RedisServer

ROOT = Path(__file__).parents[1]
HONEST = ("alice", "bob", "carol", "dave")
BAD = ("forger", "omitter", "babbler")
COORDINATORS = ("one", "two")
VISIBILITY_SECONDS, DATABASE_AWAY_SECONDS = 12, 10
# Each pause short, so that a run shows in minutes what else takes hours; the pace low, so that it lasts that long.
SETTINGS = HASTE | {
    "CTCOLLECT_LANE_CONCURRENCY": "1",
    "CTCOLLECT_TASK_SECONDS": "8",
    "CTCOLLECT_READ_TIMEOUT_SECONDS": "5",
    "CTCOLLECT_PACE_CEILING_PER_SECOND": "25",
    "CTCOLLECT_SPOOL_RETRY_SECONDS": "3",
    "CTCOLLECT_PLAN_EVERY_SECONDS": "5",
    "CTCOLLECT_QUEUE_LOW_WATER": "8",
    "CTCOLLECT_LEASE_SECONDS": "20",
    "CTCOLLECT_VISIBILITY_TIMEOUT_SECONDS": str(VISIBILITY_SECONDS),
    "CTCOLLECT_SECOND_OPINION_SHARE": "0.02",
}
# Name, operator, entries of an answer, share of all entries. The first one is longer than one range when there are
# 200,000 in all; the others are its beginning, as real logs hold the same certificates.
LOGS = (
    ("chaos-google", "Google", 256, 0.7),
    ("chaos-cloudflare", "Cloudflare", 1024, 0.1),
    ("chaos-digicert", "DigiCert", 512, 0.1),
    ("chaos-trustasia", "TrustAsia", 1024, 0.1),
)
LOG_NAMES = tuple(name for name, *_ in LOGS)
START_SECONDS = 300
COMMAND_SECONDS = 120


def serve_logs(entries: int, seed: int, list_file: Path, truth_file: Path) -> None:
    """In a process of its own, until SIGTERM."""
    content = LocalLog.generate("content", int(entries * LOGS[0][3]), seed)
    logs = []
    for name, operator, _, share in LOGS:
        count = int(entries * share)
        logs.append(LocalLog(name, content.entries[:count], seed, operator, truth=content.truth[:count]))
    limits = {name: most for name, _, most, _ in LOGS}
    serve_forever(logs, max_entries=limits, list_file=list_file, truth_file=truth_file, ready=lambda _: None)


class Part:
    """A process that is started again after it was killed; all its lives write to one file."""

    def __init__(self, name: str, command: Sequence[str], environment: dict[str, str], log_file: Path) -> None:
        self.name, self.command, self.environment, self.log_file = name, command, environment, log_file
        self.ended_by_itself = 0
        self._process: Process | None = None

    def start(self) -> None:
        """Nothing when it runs."""
        if self._process is None:
            self._process = Process([*self.command], self.log_file, self.environment, ROOT)

    def watch(self) -> None:
        """Count an end that nobody has brought about, and start it again, as a service manager does."""
        if self._process is not None and self._process.returncode is not None:
            self.ended_by_itself += 1
            self._process = None
            self.start()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process = None

    def terminate(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process = None

    def pause(self) -> None:
        """SIGSTOP: the machine sleeps."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)


class ChaosFleet:
    """Everything of one run in ``folder``, started by the ``with`` block and ended with it."""

    def __init__(self, folder: Path, entries: int, seed: int) -> None:
        self.folder, self.entries, self.seed = folder, entries, seed
        self.redis = RedisServer(_made(folder / "redis"))
        self.database = MariadbServer(_made(folder / "mariadb")) if has_mariadb() else None
        self.parts: dict[str, Part] = {}
        self.log_url = ""
        self._stack = ExitStack()
        self._draw = random.Random(f"faults {seed}")

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._start_logs(stack)
            stack.enter_context(self.redis)
            if self.database is not None:
                stack.enter_context(self.database)
                self.database.create_database("chaos")
            self._prepare()
            self.store = Store(self.database_url)
            stack.callback(self.store.close)
            stack.callback(self._end_parts)
            self._add_parts()
            self.start_all()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    @property
    def database_url(self) -> str:
        return self.database.url("chaos") if self.database else f"sqlite:///{self.folder}/ct.sqlite"

    @property
    def truth_file(self) -> Path:
        return self.folder / "truth.jsonl"

    @property
    def data_dir(self) -> Path:
        """The coordinators' folder; each friend has one of his own."""
        return self.folder / "coordinator"

    def _start_logs(self, stack: ExitStack) -> None:
        list_file = self.folder / "log_list.json"
        arguments = (self.entries, self.seed, list_file, self.truth_file)
        process = multiprocessing.get_context("spawn").Process(target=serve_logs, args=arguments, daemon=True)
        process.start()
        stack.callback(process.join)
        stack.callback(process.terminate)
        wait_until(lambda: self.truth_file.exists() or not process.is_alive(), "the local logs", START_SECONDS)
        listed = orjson.loads(list_file.read_bytes())
        self.log_url = listed["operators"][0]["logs"][0]["url"].rpartition(LOG_NAMES[0])[0]

    def _prepare(self) -> None:
        self.command("db", "upgrade")
        self.command("logs", "import", str(self.folder / "log_list.json"))
        for name in LOG_NAMES:
            self.command("plan", name, "--window", "full")

    def command(self, *arguments: str) -> tuple[int, str]:
        """Exit status and output of ``ctcollect ...``."""
        log_file = self.folder / f"ctcollect-{arguments[0]}.log"
        command = [sys.executable, "-m", "ctcollect", *arguments]
        process = Process(command, log_file, self._environment(self.data_dir), ROOT)
        return process.wait(COMMAND_SECONDS), process.output()

    def _environment(self, data_dir: Path) -> dict[str, str]:
        return SETTINGS | {
            "CTCOLLECT_BROKER_URL": self.redis.url,
            "CTCOLLECT_DATABASE_URL": self.database_url,
            "CTCOLLECT_DATA_DIR": str(data_dir),
        }

    def _add_parts(self) -> None:
        for name in COORDINATORS:
            self._add_worker(f"coordinator@{name}", "ctcollect", ("results", "control"), self.data_dir)
        self._add("beat", ["-A", "ctcollect", "beat"], self.data_dir)
        for friend in (*HONEST, *BAD):
            app = "benchmarks.bad_friends" if friend in BAD else "ctcollect"
            self._add_worker(f"{friend}@chaos", app, queues(), self.folder / friend)

    def _add_worker(self, name: str, app: str, queue_names: Sequence[str], data_dir: Path) -> None:
        self._add(name, ["-A", app, "worker", "-Q", ",".join(queue_names), "-n", name], data_dir)

    def _add(self, name: str, arguments: Sequence[str], data_dir: Path) -> None:
        command = [sys.executable, "-m", "celery", *arguments, "--loglevel", "warning"]
        self.parts[name] = Part(name, command, self._environment(data_dir), self.folder / f"{name}.log")

    @property
    def workers(self) -> list[Part]:
        return [self.parts[f"{friend}@chaos"] for friend in (*HONEST, *BAD)]

    @property
    def coordinators(self) -> list[Part]:
        return [self.parts[f"coordinator@{name}"] for name in COORDINATORS]

    def start_all(self) -> None:
        """Start what was killed, let go on what was paused."""
        for part in self.parts.values():
            part.start()
            part.resume()

    def _end_parts(self) -> None:
        for part in self.parts.values():
            part.resume()
            part.terminate()

    def waiting(self) -> int:
        """How many orders and harvests are in Redis that nobody has taken."""
        with self.redis.client() as client:
            return sum(client.llen(queue) for queue in (*queues(), RESULTS))

    def set_faults(self, rules: Sequence[dict[str, Any]]) -> None:
        """Of all logs, in the place of those of before."""
        document = {"seed": self._draw.randrange(2**32), "rules": list(rules)}
        requests.post(f"{self.log_url}faults", json=document, timeout=10).raise_for_status()

    def served(self) -> int:
        """How many entries the logs gave in whole answers."""
        return int(requests.get(f"{self.log_url}stats", timeout=10).json()["entries"])

    def served_to_bad(self) -> int:
        """How many of them to the friends who go wrong, by their own count."""
        files = (self.folder / friend / "fetched" for friend in BAD)
        return sum(file.stat().st_size for file in files if file.exists())


def has_mariadb() -> bool:
    return any(shutil.which("mariadbd", path=folder) for folder in (None, *SERVER_FOLDERS))


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder
