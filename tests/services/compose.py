"""docker-compose.yml as Docker Compose reads it: as far as that file goes, and an error beyond."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

# ${NAME:-default}, ${NAME} or $$, which stands for one $.
VARIABLE = re.compile(r"\$(?:\{(?P<name>\w+)(?::-(?P<default>[^}$]*))?\}|(?P<dollar>\$))")
UNITS_SECONDS = {"s": 1, "m": 60}


@dataclass(frozen=True)
class Service:
    """One service, its variables resolved."""

    name: str
    document: dict[str, Any]

    @property
    def words(self) -> list[str]:
        """What a container runs, the image's own entrypoint aside."""
        return [*self.document.get("entrypoint", []), *self.document["command"]]

    @property
    def environment(self) -> dict[str, str]:
        """A variable without a value, and not set outside, is not there."""
        return {name: str(value) for name, value in self.document.get("environment", {}).items() if value is not None}

    @property
    def health_check(self) -> list[str] | None:
        """Its words; None when it has none of its own."""
        kind, *words = self.document.get("healthcheck", {}).get("test", ["NONE"])
        if kind == "CMD-SHELL":
            return ["sh", "-c", *words]
        return list(words) if kind == "CMD" else None

    @property
    def runs_once(self) -> bool:
        """Whether it is done with at some time, and others may wait for that."""
        return bool(self.document.get("restart") == "no")

    @property
    def needs(self) -> dict[str, str]:
        """The condition under which each other service allows this one to start."""
        return {name: each["condition"] for name, each in self.document.get("depends_on", {}).items()}

    @property
    def volumes(self) -> dict[str, str]:
        """The volume behind each folder."""
        parts = (each.split(":") for each in self.document.get("volumes", []))
        return {folder: name for name, folder, *_ in parts}

    @property
    def replicas(self) -> int:
        return int(self.document.get("deploy", {}).get("replicas", 1))

    @property
    def grace_seconds(self) -> int:
        """How long Docker waits between SIGTERM and SIGKILL."""
        grace = self.document["stop_grace_period"]
        return int(grace[:-1]) * UNITS_SECONDS[grace[-1]]


def services(text: str, variables: Mapping[str, str], over: str = "{}") -> dict[str, Service]:
    """Every service of the file, each behind those that it needs.

    ``variables`` are those of the .env file, ``over`` is a second file that changes the first.
    """
    document = resolved(merged(yaml.safe_load(text), yaml.safe_load(over)), variables)
    for each in document["services"].values():
        environment = each.get("environment", {})
        environment.update({name: variables.get(name) for name, value in environment.items() if value is None})
    found = {name: Service(name, each) for name, each in document["services"].items()}
    return {service.name: service for name in found for service in _with_needs(found, name)}


def _with_needs(found: Mapping[str, Service], name: str) -> Iterator[Service]:
    for needed in found[name].needs:
        yield from _with_needs(found, needed)
    yield found[name]


def merged(below: Any, above: Any) -> Any:
    """Mappings are joined, lists of ports and volumes put one behind the other, all else is replaced."""
    if isinstance(below, dict) and isinstance(above, dict):
        return below | {name: merged(below.get(name), each) for name, each in above.items()}
    return [*below, *above] if isinstance(below, list) and isinstance(above, list) else above


def resolved(document: Any, variables: Mapping[str, str]) -> Any:
    """A copy with a value in place of each ${NAME:-default}; ValueError for a $ that is anything else."""
    if isinstance(document, dict):
        return {name: resolved(each, variables) for name, each in document.items()}
    if isinstance(document, list):
        return [resolved(each, variables) for each in document]
    return VARIABLE.sub(lambda found: _value(found, variables), document) if isinstance(document, str) else document


def _value(found: re.Match[str], variables: Mapping[str, str]) -> str:
    if found["dollar"]:
        return "$"
    return variables.get(found["name"]) or found["default"] or ""


def variables_of(text: str) -> set[str]:
    """The names that the file takes from .env, also those of an environment without a value."""
    passed_on = re.findall(r"^ +([A-Z_]+):$", text, re.MULTILINE)
    return {found["name"] for found in VARIABLE.finditer(text) if found["name"]} | set(passed_on)
