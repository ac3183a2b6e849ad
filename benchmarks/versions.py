"""What a benchmark was run with: the machine, the servers, the programs beside it, the libraries."""

import platform
import re
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from importlib import metadata

from benchmarks.common import machine_line, markdown_table

PROGRAMS = {
    "Redis": ("redis-server", "--version"),
    "MariaDB": ("mariadbd", "--version"),
    "certspotter": ("certspotter", "-version"),
}
LIBRARIES = (
    "celery", "kombu", "redis", "requests", "urllib3", "orjson", "pybase64", "zstandard", "cryptography", "sqlalchemy",
    "pymysql", "flask", "gunicorn", "duckdb", "pyarrow",
)  # fmt: skip
VERSION = re.compile(r"\d+(?:\.\d+)+")


def version_table() -> str:
    """What is not installed is named as missing."""
    rows = [("machine", machine_line()), ("system", f"{platform.system()} {platform.release()}"), *programs()]
    rows += [("OpenSSL", ssl.OPENSSL_VERSION.split()[1]), ("libraries", ", ".join(map(library, LIBRARIES)))]
    return markdown_table(["what", "version"], rows).replace("| ---: |", "| --- |")


def programs() -> Iterator[tuple[str, str]]:
    for name, (program, option) in PROGRAMS.items():
        if shutil.which(program) is None:
            yield name, "not installed"
            continue
        told = subprocess.run([program, option], capture_output=True, text=True, check=False).stdout
        found = VERSION.search(told)
        yield name, found[0] if found else "of an unknown version"


def library(name: str) -> str:
    """``celery 5.7.0``."""
    try:
        return f"{name} {metadata.version(name)}"
    except metadata.PackageNotFoundError:
        return f"{name} (not installed)"
