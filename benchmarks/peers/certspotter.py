"""SSLMate's certspotter, of Debian's package: it looks for .jp and verifies every leaf against the signed head."""

import os
import shutil
import subprocess
import time
from functools import cached_property
from pathlib import Path
from threading import Timer

import orjson

from benchmarks.common import Speed
from benchmarks.peers.missing import PeerMissing, last_words
from ctcollect.catalogue import Log
from ctcollect.protocol.codec import decode_base64

PROGRAM = "certspotter"


class Certspotter:
    @cached_property
    def name(self) -> str:
        if shutil.which(PROGRAM) is None:
            return PROGRAM
        told = subprocess.run([PROGRAM, "-version"], capture_output=True, text=True, check=False).stdout
        return f"{' '.join(told.replace('version', '').split()).rstrip('?')}, verifying"

    def read(self, log: Log, list_file: Path, folder: Path, seconds: float) -> Speed:
        if shutil.which(PROGRAM) is None:
            raise PeerMissing("not installed (Debian: apt install certspotter)")
        watch_list, own_list, state = folder / "watch.txt", folder / "list.json", folder / "state"
        watch_list.write_text(".jp\n")
        own_list.write_bytes(list_with_only(list_file, log.log_id))
        files: list[str | Path] = ["-logs", own_list, "-watchlist", watch_list, "-state_dir", state]
        wall, cpu = run_for(seconds, [PROGRAM, *files, "-stdout", "-no_save", "-start_at_end=false"], folder)
        if not (entries := entries_hashed(state)):
            raise PeerMissing(f"it has read nothing: {last_words(folder / 'output.txt')}")
        return Speed(entries, wall, cpu)


def list_with_only(list_file: Path, log_id: str) -> bytes:
    """The log list (Chrome's, version 3) with one log left in it; ``log_id`` is in hex."""
    document = orjson.loads(list_file.read_bytes())
    for operator in document["operators"]:
        operator["logs"] = [each for each in operator["logs"] if decode_base64(each["log_id"]).hex() == log_id]
    return orjson.dumps(document)


def run_for(seconds: float, command: list[str | Path], folder: Path) -> tuple[float, float]:
    """(wall seconds, CPU seconds) of a program that is ended with SIGTERM, unless it ends before."""
    started_at = time.monotonic()
    with (folder / "output.txt").open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    end = Timer(seconds, process.terminate)
    end.start()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    end.cancel()
    return time.monotonic() - started_at, used.ru_utime + used.ru_stime


def entries_hashed(state_dir: Path) -> int:
    """How far into the log it has come, as it notes when it ends."""
    states = [orjson.loads(file.read_bytes()) for file in state_dir.glob("logs/*/state.json")]
    return sum(int(state["download_position"]["size"]) for state in states)
