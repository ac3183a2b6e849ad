"""The services of docker-compose.yml as plain processes: what a container would have of its own stands in a folder."""

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pymysql

from tests.services import dockerfile
from tests.services.compose import Service, services
from tests.services.mariadb import MariadbServer
from tests.services.processes import Process, ProcessGroup, free_port
from tests.services.programs import find_program

ROOT = Path(__file__).parents[2]
COMPOSE_FILE = ROOT / "docker-compose.yml"
IMAGE = dockerfile.stages((ROOT / "Dockerfile").read_text())[-1]
PORTS = ("6379", "6380", "3306", "8000", "5555", "8600")
# All interfaces, or a service's name where an address begins: behind =, @ or /, before a port, a path or the end.
# Flower's name is also a path.
HOST = re.compile(r"0\.0\.0\.0|(?<=[=@/])(?:redis|mysql|local-log)(?=$|[:/])|(?<=//)flower(?=:)")
# What the images of the two servers bring.
PROGRAMS = {
    "mysql": ("mysql", "mariadb"),
    "redis-cli": ("redis-cli", "valkey-cli"),
    "redis-server": ("redis-server", "valkey-server"),
}
ONCE_SECONDS = 60
HEALTHY_SECONDS = 60
CHECK_SECONDS = 10


@dataclass
class Container:
    """One process with the environment, the folders and the health check of a container."""

    service: Service
    environment: dict[str, str]
    folder: Path
    health_check: list[str]
    process: Process

    @property
    def heartbeat_at(self) -> float:
        """When a worker or beat has last shown that it is at work."""
        return Path(self.environment["CTCOLLECT_HEARTBEAT_FILE"]).stat().st_mtime

    def is_healthy(self) -> bool:
        """What Docker would find out."""
        check = Process(self.health_check, self.folder / "health.log", self.environment, self.folder)
        return check.wait(CHECK_SECONDS) == 0

    def wait_until_healthy(self) -> None:
        """AssertionError when it ends instead."""
        self.process.wait_until(self.is_healthy, f"a healthy {self.service.name}", HEALTHY_SECONDS)


class ComposedFleet:
    """`docker compose up` in a ``with`` block; ``variables`` are those of the .env file, ``over`` is a second file."""

    def __init__(self, folder: Path, variables: dict[str, str], over: str = "{}") -> None:
        self.folder = folder
        self.variables = variables
        self.services = services(COMPOSE_FILE.read_text(), variables, over)
        self.ports = {port: str(free_port()) for port in PORTS}
        self.containers: dict[str, Container] = {}
        self._processes = ProcessGroup(folder)
        self._programs = folder / "bin"

    def __enter__(self) -> Self:
        self._programs.mkdir(exist_ok=True)
        for name, candidates in PROGRAMS.items():
            (self._programs / name).unlink(missing_ok=True)
            (self._programs / name).symlink_to(find_program(*candidates))
        return self

    def __exit__(self, *exception: Any) -> None:
        self._processes.__exit__(*exception)

    def up(self) -> None:
        """Start every service that has replicas, each when all that it needs is as it wants it."""
        for service in self.services.values():
            if service.replicas:
                for name, condition in service.needs.items():
                    self._wait_for(name, condition)
                self.start(service)

    def _wait_for(self, name: str, condition: str) -> None:
        container = self.containers[name]
        if condition == "service_completed_successfully":
            assert container.process.wait(ONCE_SECONDS) == 0, container.process.tail()
        else:
            assert condition == "service_healthy"
            container.wait_until_healthy()

    def start(self, service: Service, name: str = "") -> Container:
        """A container of a service, called like it unless it gets a ``name``."""
        folder = self.folder / (name or service.name)
        places = self._places(service, folder)
        environment = self._environment(service, places)
        words = [self._moved(word, places) for word in service.words]
        check = [self._moved(word, places) for word in service.health_check or dockerfile.health_check(IMAGE)]
        if service.name == "mysql":
            process = self._start_mysql(words, environment, folder)
        else:
            process = self._processes.start(
                words[words.index("--") + 1 :] if "--" in words else words, environment, folder
            )
        self.containers[folder.name] = Container(service, environment, folder, check, process)
        return self.containers[folder.name]

    def _places(self, service: Service, folder: Path) -> dict[str, Path]:
        """The container's own folders; one that is no volume of a name is a volume of its own."""
        places = {"/data": folder / "data", "/dev/shm": folder / "shm"}
        places |= {inside: self.folder / "volumes" / name for inside, name in service.volumes.items()}
        for place in places.values():
            place.mkdir(parents=True, exist_ok=True)
        return places

    def _environment(self, service: Service, places: Mapping[str, Path]) -> dict[str, str]:
        """That of the image, if it is ours, below that of the service, and a PATH with the same programs."""
        own_image = dockerfile.environment(IMAGE) if "build" in service.document else {}
        variables = own_image | service.environment
        path = ":".join([str(self._programs), str(Path(sys.executable).parent), "/usr/bin", "/bin"])
        return {name: self._moved(value, places) for name, value in variables.items()} | {"PATH": path}

    def _moved(self, text: str, places: Mapping[str, Path]) -> str:
        """``text`` with this machine's address, free ports and the container's folders in it."""
        text = HOST.sub("127.0.0.1", text)
        text = re.sub(rf"\b(?:{'|'.join(PORTS)})\b", lambda found: self.ports[found[0]], text)
        for inside, place in places.items():
            text = re.sub(rf"(?<![\w.]){inside}\b", str(place), text)
        return text

    def _start_mysql(self, options: list[str], environment: Mapping[str, str], folder: Path) -> Process:
        """MariaDB in place of the image mysql; what that does with its variables is done here."""
        server = MariadbServer(folder / "shm")
        process = self._processes.start([*server.command(), *options], cwd=folder)
        server.port = int(self.ports["3306"])
        process.wait_until(server.answers, "the first answer of MariaDB")
        with pymysql.connect(host="127.0.0.1", port=server.port, user="root") as connection:
            connection.cursor().execute(f"CREATE DATABASE `{environment['MYSQL_DATABASE']}`")
            connection.cursor().execute("SET PASSWORD = PASSWORD(%s)", (environment["MYSQL_ROOT_PASSWORD"],))
        return process

    def stop(self, name: str) -> int:
        """`docker stop`: the exit status, -9 when the service's time to stop was not enough."""
        container = self.containers.pop(name)
        return container.process.terminate(container.service.grace_seconds)

    def kill(self, name: str) -> Service:
        """SIGKILL, without a word."""
        container = self.containers.pop(name)
        container.process.kill()
        return container.service
