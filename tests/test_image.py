"""What can be said of Dockerfile, docker-compose.yml and .env.example by reading them."""

import configparser
import re
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from ctcollect.settings import PREFIX, Settings, load
from tests.services import compose, dockerfile

ROOT = Path(__file__).parents[1]
STAGES = dockerfile.stages((ROOT / "Dockerfile").read_text())
FINAL = STAGES[-1]
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text()
PROPOSED = dockerfile.env_file((ROOT / ".env.example").read_text())
OUT_OF_THE_BOX = compose.services(COMPOSE_TEXT, {})
REAL = compose.services(COMPOSE_TEXT, PROPOSED)
# The image decides where these are; beside them compose decides on two that hold passwords and on the local log.
OF_THE_IMAGE = {"CTCOLLECT_DATA_DIR", "CTCOLLECT_HEARTBEAT_FILE"}
DEMO_SERVICES = {"local-log", "local-log-import", "local-log-plan"}
# Programs that come with the packages that ours needs; those of ours stand in setup.cfg.
PROGRAMS_OF_OTHERS = {"celery", "gunicorn"}


def own_services(services: dict[str, compose.Service]) -> list[compose.Service]:
    """Those that run our image."""
    return [service for service in services.values() if "build" in service.document]


def test_the_image_is_lean_and_not_root() -> None:
    """The last stage installs nothing but what the first has built, runs as a user, and leaves no shell in the way."""
    assert len(STAGES) == 2
    runs = " ".join(each.arguments for each in FINAL if each.keyword == "RUN")
    assert not re.search(r"apt|pip|gcc|g\+\+|build-essential|cargo|curl|wget", runs)
    assert dockerfile.only(FINAL, "USER").arguments.split(":")[0] not in ("", "0", "root")
    assert dockerfile.only(FINAL, "STOPSIGNAL").arguments == "SIGTERM"
    for keyword in ("ENTRYPOINT", "CMD", "HEALTHCHECK"):
        assert re.search(r"\[.*\]$", dockerfile.only(FINAL, keyword).arguments), keyword
    environment = dockerfile.environment(FINAL)
    assert environment["PYTHONUNBUFFERED"] == "1"
    assert dockerfile.only(FINAL, "VOLUME").arguments == environment["CTCOLLECT_DATA_DIR"]


def test_every_base_is_named_as_any_registry_knows_it() -> None:
    """No stage and no service names a registry's host: a mirror may stand in for it."""
    argument = re.search(r"^ARG PYTHON=(.*)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert argument is not None
    bases = {dockerfile.only(stage, "FROM").words[0].replace("${PYTHON}", argument[1]) for stage in STAGES}
    images = bases | {service.document["image"] for service in OUT_OF_THE_BOX.values()}
    assert [image for image in images if not re.fullmatch(r"[a-z]+(:[\w.-]+)?", image)] == []


def copied_paths() -> list[str]:
    """What the build takes from the checkout."""
    copies = [each.words for stage in STAGES for each in stage if each.keyword == "COPY"]
    return [path for words in copies if not words[0].startswith("--from") for path in words[:-1]]


def test_all_that_is_copied_is_there() -> None:
    """Each path of a COPY exists and .dockerignore lets it through, and nothing else; pip gets its constraints."""
    assert [path for path in copied_paths() if not (ROOT / path).exists()] == []
    ignored, *allowed = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line[0] != "#"]
    assert ignored == "*"
    assert {line.removeprefix("!") for line in allowed if line[0] == "!"} == set(copied_paths())
    assert {"constraints.txt", "celeryconfig.py"} <= set(copied_paths())


def test_the_build_gets_all_that_setup_cfg_packages() -> None:
    """No package and no module of setup.cfg is missing in the image."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    packages = [line.rstrip("*") for line in setup["options.packages.find"]["include"].split()]
    assert {*packages, f"{setup['options']['py_modules']}.py"} <= set(copied_paths())


def test_every_command_is_installed() -> None:
    """The image's entrypoint and each service start a program that comes with the package, below tini as PID 1."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    scripts = setup["options.entry_points"]["console_scripts"].split("\n")
    programs = {line.partition("=")[0].strip() for line in scripts if line} | PROGRAMS_OF_OTHERS
    commands = [
        dockerfile.only(FINAL, "ENTRYPOINT").words,
        *(service.words for service in own_services(OUT_OF_THE_BOX)),
    ]
    for words in commands:
        assert words[:2] == ["tini", "--"]
        assert words[2] in programs


def test_every_setting_can_be_set() -> None:
    """Compose passes each of our settings on and none that is not ours, and gives the sum of them values that fit."""
    known = {PREFIX + each.name.upper() for each in fields(Settings)}
    in_compose = set(re.findall(rf"\b({PREFIX}\w+)\b", COMPOSE_TEXT))
    assert in_compose == known - OF_THE_IMAGE
    assert {name for name in PROPOSED if name.startswith(PREFIX)} <= known
    for service in own_services(OUT_OF_THE_BOX) + own_services(REAL):
        load(service.environment)


def test_the_env_file_names_what_compose_takes() -> None:
    """.env.example has a line for each variable that is not a setting, and none that nobody reads."""
    taken = compose.variables_of(COMPOSE_TEXT)
    assert set(PROPOSED) <= taken
    assert {name for name in taken if not name.startswith(PREFIX)} <= set(PROPOSED)


def test_one_line_switches_to_real_logs() -> None:
    """LOCAL_LOGS=0: no local log runs and nobody accepts one; without an .env file it is there."""
    for services, allowed, replicas in ((OUT_OF_THE_BOX, True, 1), (REAL, False, 0)):
        assert {services[name].replicas for name in DEMO_SERVICES} == {replicas}
        assert {load(service.environment).allow_local_logs for service in own_services(services)} == {allowed}


def test_no_password_of_the_file_is_used_with_an_env_file() -> None:
    """All that .env.example asks for is taken: the passwords that anybody can read here stand in no service."""
    assert not re.search("on-this-machine-only", str([service.document for service in REAL.values()]))


def test_nothing_is_reachable_but_the_page_from_this_machine() -> None:
    """One service publishes a port, on loopback."""
    assert [name for name, each in OUT_OF_THE_BOX.items() if "ports" in each.document] == ["web"]
    assert OUT_OF_THE_BOX["web"].document["ports"] == ["127.0.0.1:8000:8000"]


@pytest.mark.parametrize("service", OUT_OF_THE_BOX.values(), ids=lambda service: service.name)
def test_a_service_comes_back_and_fills_no_disk(service: compose.Service) -> None:
    """Each restarts unless it is done, has bounded logs, time to stop, a health check; ours can't change its image."""
    document = service.document
    assert document["restart"] == (
        "no" if service.name in {"migrate", *DEMO_SERVICES - {"local-log"}} else "unless-stopped"
    )
    assert document["logging"]["driver"] == "json-file"
    assert {"max-size", "max-file"} <= document["logging"]["options"].keys()
    assert service.grace_seconds >= 10
    has_check = service.health_check or any(each.keyword == "HEALTHCHECK" for each in FINAL)
    assert service.runs_once or has_check
    if "build" in document:
        assert document["read_only"]
        assert document["cap_drop"] == ["ALL"]


def test_workers_can_be_many() -> None:
    """Nothing ties a worker to one container: no name, no port, no volume that two would share."""
    assert {"container_name", "hostname", "ports", "volumes"}.isdisjoint(OUT_OF_THE_BOX["worker"].document)


def test_volumes_are_declared() -> None:
    """Each volume with a name is one of the file's, and each of the file's is used."""
    used = {name for service in OUT_OF_THE_BOX.values() for name in service.volumes.values()}
    assert set(yaml.safe_load(COMPOSE_TEXT)["volumes"]) == used
