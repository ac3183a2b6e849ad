"""serve_forever in a process of its own."""

import signal
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
import requests

from ctcollect.errors import ConfigurationError
from ctcollect.local_log.serving import write_atomically

PROGRAM = """
import sys
from pathlib import Path
from ctcollect.local_log import LocalLog, serve_forever
logs = [LocalLog.generate(name, 40, 1, jp_share=0.5) for name in ("one", "two")]
files = map(Path, sys.argv[1:])
serve_forever(logs, 0, {"one": 32, "two": 8}, *files, ready=lambda line: print(line, flush=True))
"""


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_serves_until_a_signal(tmp_path: Path, ending: signal.Signals) -> None:
    """One ready line when list, truth and archives are written and the logs answer; a signal ends it with status 0."""
    list_file, truth_file, archives = (tmp_path / name for name in ("list.json", "truth.jsonl", "archives"))
    command = [sys.executable, "-c", PROGRAM, str(list_file), str(truth_file), str(archives)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert process.stdout.readline().startswith("local log ready at http://127.0.0.1:")
            logs = orjson.loads(list_file.read_bytes())["operators"][0]["logs"]
            with requests.get(f"{logs[1]['url']}ct/v1/get-entries?start=0&end=31", timeout=5) as answer:
                assert len(answer.json()["entries"]) == 8
        finally:
            process.send_signal(ending)
        assert process.communicate(timeout=10) == ("", "")
        assert process.returncode == 0
    lines = [orjson.loads(line) for line in truth_file.read_bytes().splitlines()]
    assert [(line["log"], line["index"]) for line in lines] == [
        (name, index) for name in ("one", "two") for index in range(40)
    ]
    assert any(line["jp_names"] for line in lines)
    assert {file.name for file in tmp_path.iterdir()} == {"list.json", "truth.jsonl", "archives"}
    assert sorted(file.relative_to(archives).as_posix() for file in archives.glob("*/*")) == [
        "one/000.zip",
        "two/000.zip",
    ]


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """A folder that is not there is said in one line, and an old file stays until the new one is whole."""
    with pytest.raises(ConfigurationError, match="cannot write"):
        write_atomically(tmp_path / "missing" / "file", [b"new"])
    file = tmp_path / "file"
    file.write_bytes(b"old")
    write_atomically(file, [b"n", b"ew"])
    assert file.read_bytes() == b"new"
