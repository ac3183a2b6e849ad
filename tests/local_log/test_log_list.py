"""The log list of a local log server."""

from base64 import b64decode

import requests

from ctcollect.local_log import LocalLog, LocalLogServer
from ctcollect.protocol.signatures import log_id
from ctcollect.protocol.static_ct import origin_of, parse_checkpoint


def test_the_list_has_chromes_shape() -> None:
    """Logs stand under their operator, with log_id = SHA-256(key), url, mmd, interval, state usable."""
    logs = [LocalLog.generate(f"log{n}", 2, n, operator) for n, operator in enumerate(["A", "B", "A"])]
    with LocalLogServer(logs) as server:
        document = server.log_list()
        assert [(each["name"], len(each["logs"])) for each in document["operators"]] == [("A", 2), ("B", 1)]
        second = document["operators"][1]["logs"][0]
        assert (second["description"], second["url"]) == ("log1", server.log_url("log1"))
    assert b64decode(second["log_id"]) == log_id(b64decode(second["key"])) == logs[1].log_id
    assert second["mmd"] == 86_400
    assert list(second["state"]) == ["usable"]
    assert second["temporal_interval"] == {
        "start_inclusive": "2024-01-01T00:00:00Z",
        "end_exclusive": "2027-01-01T00:00:00Z",
    }


def test_a_list_of_static_logs() -> None:
    """They stand under tiled_logs, with the prefix that they sign as and the one where their files are."""
    log = LocalLog.generate("log", 300, seed=1)
    with LocalLogServer([log], static=True) as server:
        [operator] = server.log_list()["operators"]
        assert (operator["logs"], len(operator["tiled_logs"])) == ([], 1)
        listed = operator["tiled_logs"][0]
        assert listed["submission_url"] == server.log_url("log")
        with requests.get(f"{listed['monitoring_url']}checkpoint", timeout=5) as answer:
            checkpoint = parse_checkpoint(answer.content, log.log_id)
        with requests.get(f"{listed['monitoring_url']}tile/0/001.p/44", timeout=5) as answer:
            assert len(answer.content) == 44 * 32
        paths = (
            "tile/0/000.p/44",
            "tile/0/001",
            "tile/0/001.p/45",
            "tile/9/000",
            "tile/data/",
            "issuer/00",
            "tile",
            "",
        )
        for path in paths:
            with requests.get(listed["monitoring_url"] + path, timeout=5) as answer:
                assert answer.status_code == 404
        assert server.stats()["endpoints"]["checkpoint"] == 1
    assert (checkpoint.origin, checkpoint.head) == (origin_of(listed["submission_url"]), log.head())


def test_the_list_names_the_host_that_was_asked_for() -> None:
    """Others may know this machine by that name alone: it stands in every url of the list, never an address."""
    with LocalLogServer([LocalLog.generate("log", 2, seed=1)], host="localhost") as server:
        [operator] = server.log_list()["operators"]
    assert operator["logs"][0]["url"].startswith("http://localhost:")
