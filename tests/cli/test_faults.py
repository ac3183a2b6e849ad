"""What is wrong is told in one line on standard error, with a status that is not 0, and never with a traceback."""

import json
import socket
from pathlib import Path

import pytest

from ctcollect.settings import Settings
from tests.cli.conftest import NAME, Result, Run
from tests.coordinator.pipeline import Pipeline
from tests.services.processes import ProcessGroup, free_port
from tests.services.programs import find_program


def assert_told(result: Result, *words: str) -> None:
    """One line that begins with the program's name and holds all of these words."""
    assert result.status not in (0, None)
    assert result.out == ""
    line, end = result.err[:-1], result.err[-1:]
    assert line.startswith("ctcollect: ")
    assert end == "\n"
    assert "\n" not in line
    assert "Traceback" not in line
    for word in words:
        assert word in line


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("nonsense", ["nonsense", "--help"]),
        ("status --nonsense", ["--nonsense", "ctcollect status --help"]),
        ("plan", ["NAME", "ctcollect plan --help"]),
        ("plan --all", ["--all", "--season"]),
        ("plan any --all --season 2023", ["NAME", "--all"]),
        ("plan any --season 2023 --window full", ["--season", "--window"]),
        ("plan any --season next", ["--season", "next"]),
        ("plan any --window 2023-02-30..2023-03-01", ["2023-02-30", "FROM..TO"]),
        ("worker", ["--friend"]),
        ("worker --friend a@b", ["a@b", "friend"]),
        ("worker --friend coordinator", ["coordinator", "friend"]),
        ("worker --friend alice --queues google,nonsense", ["nonsense", "google", "digicert"]),
        ("up --queues nonsense", ["nonsense", "google"]),
        ("up --port 0", ["--port"]),
        ("demo --entries 3", ["--entries"]),
        ("logs import no-such-file", ["no-such-file"]),
        ("local-log --log nonsense", ["--log", "nonsense", "demo-google:Google:32"]),
        ("local-log --log name:Nobody:32", ["--log", "Nobody"]),
        ("local-log --log name:Google:0", ["--log", "MAX"]),
        ("local-log --jp-share 2", ["--jp-share"]),
    ],
)
def test_a_command_that_makes_no_sense(run: Run, command: str, words: list[str]) -> None:
    """Unknown commands, options, queues and friends, missing and impossible values: what is wrong is named."""
    assert_told(run(*command.split()), *words)


@pytest.mark.parametrize("command", ["status", "logs list", "plan any", "certificates example.jp", "logs pause any"])
def test_a_database_that_is_not_prepared(run: Run, command: str) -> None:
    """Every command that needs the database says how to prepare it."""
    assert_told(run(*command.split()), "ctcollect db upgrade")


@pytest.mark.parametrize("command", ["status", "db upgrade", "plan any", "up"])
def test_a_database_that_does_not_answer(run: Run, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address is told, without the password."""
    place = f"127.0.0.1:{free_port()}"
    monkeypatch.setenv("CTCOLLECT_DATABASE_URL", f"mysql+pymysql://root:secret@{place}/ct")
    result = run(*command.split())
    assert_told(result, place)
    assert "secret" not in result.err


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CTCOLLECT_LEASE_SECONDS", "soon"),
        ("CTCOLLECT_LANE_CONCURRENCY", "-1"),
        ("CTCOLLECT_ALLOW_LOCAL_LOGS", "perhaps"),
        ("CTCOLLECT_DATABASE_URL", "nonsense"),
        ("CTCOLLECT_DATABASE_URL", "postgresql://localhost/ct"),
    ],
)
def test_a_setting_that_does_not_fit(run: Run, monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    """The line names the variable."""
    monkeypatch.setenv(variable, value)
    assert_told(run("status"), variable)


def collection_state(run: Run) -> dict[str, object]:
    """What a command could have changed of the log."""
    [listed] = json.loads(run("logs", "list", "--json").out)
    return {name: listed[name] for name in ("enabled", "paused", "reachable", "window", "out", "done", "verified")}


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("plan nonsense", ["nonsense", "ctcollect logs list"]),
        ("logs pause nonsense", ["nonsense", "ctcollect logs list"]),
        (f"logs disable {NAME} nonsense", ["nonsense"]),
        (f"plan {NAME} --window nonsense", ["nonsense", "full"]),
        (f"plan {NAME} --window 5:5", ["[5, 5)"]),
        (f"plan {NAME} --season 8000", ["8000-12-01..8001-01-31", "future"]),
        (f"plan {NAME} --season 2020", [NAME, "2024-12-01 to 2024-12-02"]),
        ("plan --all --window 1990-01-01..1990-01-02", ["no log", "1990-01-01..1990-01-02"]),
        (f"plan {NAME} --window 0:1501", ["[0, 1,501)", "[0, 1,500)"]),
        ("certificates not_a..domain", ["not_a..domain"]),
    ],
)
def test_names_and_windows_that_do_not_exist(collected: Run, command: str, words: list[str]) -> None:
    """A log, a window, a domain that can't be is named; nothing has changed."""
    before = collection_state(collected)
    assert_told(collected(*command.split()), *words)
    assert collection_state(collected) == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("<html>", ["JSON"]),
        ('{"operators": []}', ["no log"]),
        ("[]", ["list.json"]),
    ],
)
def test_a_file_that_is_no_log_list(collected: Run, tmp_path: Path, content: str, words: list[str]) -> None:
    """HTML, a list without logs, another document: nothing is imported."""
    path = tmp_path / "list.json"
    path.write_text(content)
    assert_told(collected("logs", "import", str(path)), *words)


def test_a_local_log_is_refused_unless_allowed(
    collected: Run, collection: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list with a log on loopback is refused, with the name of the switch; with the switch it is taken."""
    path = tmp_path / "list.json"
    path.write_text(json.dumps(collection.server.log_list()))
    monkeypatch.delenv("CTCOLLECT_ALLOW_LOCAL_LOGS")
    assert_told(collected("logs", "import", str(path)), "CTCOLLECT_ALLOW_LOCAL_LOGS")
    monkeypatch.setenv("CTCOLLECT_ALLOW_LOCAL_LOGS", "1")
    assert collected("logs", "import", str(path)).status == 0
    assert_told(collected("logs", "import", str(path), "--queue", "nonsense"), "nonsense", "google")


def test_a_log_that_does_not_answer(collected: Run, collection: Pipeline, tmp_path: Path) -> None:
    """A log that is gone can't be planned: its host is named."""
    document = collection.server.log_list()
    place = f"127.0.0.1:{free_port()}"
    for listed in document["operators"][0]["logs"]:
        listed["url"] = f"http://{place}/gone/"
    path = tmp_path / "list.json"
    path.write_text(json.dumps(document))
    collected("logs", "import", str(path))
    try:
        assert_told(collected("plan", NAME), "127.0.0.1")
    finally:
        path.write_text(json.dumps(collection.server.log_list()))
        assert collected("logs", "import", str(path)).status == 0


def test_a_demo_in_a_folder_that_is_in_use(run: Run, tmp_path: Path) -> None:
    """``demo --dir`` never mixes with what is there."""
    (tmp_path / "mine").write_text("precious")
    assert_told(run("demo", "--exit", "--dir", str(tmp_path)), str(tmp_path), "not empty")
    assert (tmp_path / "mine").read_text() == "precious"


@pytest.mark.parametrize("command", ["worker --friend alice", "up"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_broker_that_does_not_answer(processes: ProcessGroup, settings: Settings, command: str) -> None:
    """A worker and a whole fleet end at once with a line, the reason in it."""
    variables = {
        "CTCOLLECT_BROKER_URL": f"redis://127.0.0.1:{free_port()}/0",
        "CTCOLLECT_DATABASE_URL": settings.database_url,
        "CTCOLLECT_DATA_DIR": str(settings.data_dir),
    }
    process = processes.start([find_program("ctcollect"), *command.split()], variables)
    status = process.wait(20)
    assert_told(Result(status, "", process.output()), "broker does not answer")


def test_a_port_that_is_taken(run: Run) -> None:
    """Flower is not started; the line names the address, also one that this machine does not have."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert_told(run("flower", "--port", port), f"127.0.0.1:{port}", "in use")
    for address in ("192.0.2.1", "a" * 70):
        assert_told(run("flower", "--address", address), f"{address}:5555")


@pytest.mark.parametrize(
    "name", ["", "a b", "a:b", "a@b", "../a", "-a", "ä", "a" * 32, "coordinator", "default", "admin"]
)
def test_a_name_that_no_friend_can_have(ready: Run, name: str) -> None:
    """It would trip Celery, Redis or a path, or is a name of the project's own."""
    assert_told(ready("friend", "add", "--", name), "can't be a friend's name")


@pytest.mark.parametrize("command", ["remove", "trust", "distrust"])
def test_a_friend_whom_nobody_knows(collected: Run, command: str) -> None:
    """There is nothing to do, and that is told."""
    assert_told(collected("friend", command, "nobody"), "nobody")
