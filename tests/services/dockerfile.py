"""A Dockerfile as stages of instructions, and a file of variables as Docker reads them."""

import json
import re
import shlex
from typing import NamedTuple


class Instruction(NamedTuple):
    """``keyword`` in upper case, all behind it as one line."""

    keyword: str
    arguments: str

    @property
    def words(self) -> list[str]:
        """Those of the exec form (a JSON list) if it is one, else as the shell splits them."""
        listed = re.search(r"\[.*\]$", self.arguments)
        return list(json.loads(listed[0])) if listed else shlex.split(self.arguments)


Stage = list[Instruction]


def stages(text: str) -> list[Stage]:
    """The instructions of each stage, its FROM the first; what stands before the first FROM is left out."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    found: list[Stage] = []
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        keyword, _, arguments = line.partition(" ")
        if keyword == "FROM":
            found.append([])
        if keyword and found:
            found[-1].append(Instruction(keyword, arguments.strip()))
    return found


def only(stage: Stage, keyword: str) -> Instruction:
    """The one instruction of this kind; ValueError when there are none or several."""
    [found] = [each for each in stage if each.keyword == keyword]
    return found


def environment(stage: Stage) -> dict[str, str]:
    """What the stage's ENV lines set."""
    pairs = (word.partition("=") for each in stage if each.keyword == "ENV" for word in each.words)
    return {name: value for name, _, value in pairs}


def env_file(text: str) -> dict[str, str]:
    """NAME=VALUE lines, also those that are only proposed behind a #."""
    return dict(re.findall(r"^#?([A-Z_]+)=(.*)$", text, re.MULTILINE))


def health_check(stage: Stage) -> list[str]:
    """The words of its HEALTHCHECK, which has the exec form."""
    return only(stage, "HEALTHCHECK").words
