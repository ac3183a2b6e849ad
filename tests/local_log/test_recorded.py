"""Recorded entries: what a log has answered, or what was collected, can be served again."""

from pathlib import Path

import orjson
import pytest
import zstandard

from ctcollect.errors import ConfigurationError
from ctcollect.fleet.local_logs import generate_logs, parse_log_spec
from ctcollect.local_log.recorded import read_recorded
from ctcollect.protocol.merkle import leaf_hash, tree_root

ENTRIES = [{"leaf_input": "AAAA", "extra_data": "AQ=="}, {"leaf_input": "AAAB", "extra_data": ""}]
PAIRS = [(b"\0\0\0", b"\1"), (b"\0\0\1", b"")]


@pytest.mark.parametrize("name", ["answer.json", "lines.jsonl", "lines.jsonl.zst"])
def test_each_shape_of_file_gives_its_entries(tmp_path: Path, name: str) -> None:
    """An answer of get-entries, JSON lines, and JSON lines under zstd give the same entries in order."""
    lines = b"\n".join(orjson.dumps(entry) for entry in ENTRIES) + b"\n"
    content = {"json": orjson.dumps({"entries": ENTRIES}), "jsonl": lines, "zst": zstandard.compress(lines)}
    path = tmp_path / name
    path.write_bytes(content[name.rpartition(".")[2]])
    assert read_recorded(path) == PAIRS


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b"{}", b'{"entries": [1]}', b'{"leaf_input": "!"}'])
def test_another_file_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    """What holds no recorded entries is named, with the reason."""
    path = tmp_path / "other.json"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"^[^\n]*other\.json[^\n]*$"):
        read_recorded(path)


def test_a_specification_may_name_a_file(tmp_path: Path) -> None:
    """NAME:OPERATOR:MAX:FILE serves the file's entries, instead of making some."""
    path = tmp_path / "answer.json"
    path.write_bytes(orjson.dumps({"entries": ENTRIES}))
    (log,) = generate_logs([parse_log_spec(f"old:Google:32:{path}", 10)], seed=1, jp_share=0.5)
    assert log.tree.root(2) == tree_root([leaf_hash(leaf_input) for leaf_input, _ in PAIRS])
