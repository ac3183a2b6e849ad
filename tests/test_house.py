"""The rules of the house, each held by a tool or by looking at the source."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from ctcollect.egress import DIRECT
from ctcollect.settings import PREFIX, Settings
from tests.services.programs import find_program

ROOT = Path(__file__).parents[1]
PROGRAM = ("ctcollect", "tasks", "webapp", "migrations", "celeryconfig.py")
BESIDE = ("tests", "benchmarks", "docs", ".ci")
Function = ast.FunctionDef | ast.AsyncFunctionDef

# Written so that this file does not contain what it looks for.
FOREIGN = re.compile(r"py[p]i\.org|python[h]osted|registry\.npm[j]s|(?<![\w.})~/-])/(?:work|root)\b")


def source_files() -> list[Path]:
    """Every file that a person wrote: those at the top and all in the folders named above."""
    below = (path for name in PROGRAM + BESIDE for path in (ROOT / name).rglob("*"))
    files = {path for path in (*ROOT.iterdir(), *below) if path.is_file()}
    return sorted(path for path in files if "__pycache__" not in path.parts)


def python_files(*names: str) -> list[Path]:
    """The Python files of the project, or only those in the files and folders of these names."""
    wanted = [ROOT / name for name in names] or [ROOT]
    return [
        path for path in source_files() if path.suffix == ".py" and any(path.is_relative_to(each) for each in wanted)
    ]


def functions(path: Path) -> Iterator[Function]:
    """The functions and methods of a file, inner ones too."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, Function):
            yield node


def lines_of(function: Function) -> int:
    """Its length from ``def`` to the last line of its body."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def place(path: Path, line: int = 1) -> str:
    """``file:line``, as an editor opens it."""
    return f"{path.relative_to(ROOT).as_posix()}:{line}"


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """The command's status and output, run at the top of the project."""
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_imports_point_downward() -> None:
    """Every contract of setup.cfg's import-linter sections is kept."""
    answer = run(find_program("lint-imports"), "--no-cache")
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize(
    "module", ["ctcollect", "ctcollect.collect", "tasks.fetch", "ctcollect.cli.worker", "ctcollect.cli.local_log"]
)
def test_a_friends_path_meets_neither_sql_nor_the_web(module: str) -> None:
    """What a friend's worker imports loads no SQLAlchemy and no Flask."""
    answer = run(sys.executable, "-c", f"import sys, {module}; print(*sys.modules)")
    assert answer.returncode == 0, answer.stderr
    loaded = {name.partition(".")[0] for name in answer.stdout.split()}
    assert "ctcollect" in loaded
    assert loaded.isdisjoint({"sqlalchemy", "alembic", "pymysql", "flask", "werkzeug"})


def test_functions_are_short() -> None:
    """None has over 60 lines; of the program's own, 90 % have under 30."""
    lengths = {place(path, f.lineno): lines_of(f) for path in python_files() for f in functions(path)}
    assert {where: lines for where, lines in lengths.items() if lines > 60} == {}
    own = [lines_of(function) for path in python_files(*PROGRAM) for function in functions(path)]
    assert len(own) > 10
    assert sum(lines < 30 for lines in own) >= 0.9 * len(own)


def test_files_are_short() -> None:
    """No Python file has over 400 lines."""
    lengths = {place(path): len(path.read_text().splitlines()) for path in python_files()}
    assert {where: lines for where, lines in lengths.items() if lines > 400} == {}


def reads_environment(path: Path) -> bool:
    """Whether it names os.environ or os.getenv, also when imported from os."""
    nodes = list(ast.walk(ast.parse(path.read_bytes())))
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    imported = {node.name for node in nodes if isinstance(node, ast.alias)}
    return not (attributes | imported).isdisjoint({"environ", "environb", "getenv", "getenvb"})


def test_only_settings_reads_the_environment() -> None:
    """In the program no module but ctcollect/settings.py does."""
    readers = [place(path) for path in python_files(*PROGRAM) if reads_environment(path)]
    assert readers == ["ctcollect/settings.py:1"]


def test_every_setting_stands_in_the_table() -> None:
    """docs/settings.md has one row for each setting, in the same order, with its true default."""
    table = (ROOT / "docs" / "settings.md").read_text()
    rows = re.findall(rf"^\| `{PREFIX}(\w+)` \| (.*?) \|", table, re.MULTILINE)
    names = [each.name.upper() for each in fields(Settings)]
    assert [name for name, _ in rows] == names
    documented = {name.lower(): default for name, default in rows if name != "DATA_DIR"}
    assert documented == {name: shown(getattr(Settings(), name)) for name in documented}


def shown(value: object) -> str:
    """A default as the table shows it: as it would be written in the environment."""
    if value in ("", (), (DIRECT,)):
        return "empty"
    return f"`{value + 0:.15g}`" if isinstance(value, bool | int | float) else f"`{value}`"


def test_every_test_says_what_it_holds() -> None:
    """Each test function has a docstring."""
    tests = [(path, f) for path in python_files("tests") for f in functions(path) if f.name.startswith("test_")]
    assert [place(path, f.lineno) for path, f in tests if not ast.get_docstring(f)] == []


def test_nothing_speaks_of_one_machine_or_one_registry() -> None:
    """No file holds a package registry's host or an absolute path of the machine it was written on."""
    found = [
        f"{place(path, number)}: {match[0]}"
        for path in source_files()
        for number, line in enumerate(path.read_bytes().decode(errors="replace").splitlines(), start=1)
        for match in FOREIGN.finditer(line)
    ]
    assert found == []
