"""Reading the project's own files: which there are, and C text without its comments and strings."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from devstack.paths import ROOT

LAYERS = ("common", "api", "processor", "decoder", "cli")

_COMMENT_OR_STRING = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


@cache
def project_files() -> tuple[Path, ...]:
    """What git tracks or would track; build output and caches are none of a lint's business."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return tuple(sorted(path for name in names if name and (path := ROOT / name).is_file()))


def relative(path: Path) -> str:
    """The name a person would use."""
    return str(path.relative_to(ROOT))


def c_files(*folders: str) -> list[Path]:
    """C sources and headers below these folders (default: the layers)."""
    wanted = folders or LAYERS
    return [path for path in project_files() if path.suffix in (".c", ".h") and relative(path).startswith(
        tuple(f"{folder}/" for folder in wanted))]  # fmt: skip


def _blank(match: re.Match[str]) -> str:
    text = match.group()
    if text.startswith("/"):
        return re.sub(r"[^\n]", " ", text)
    return text[0] + re.sub(r"[^\n]", " ", text[1:-1]) + text[-1]


def code_of(path: Path) -> str:
    """The text with comments and the content of strings blanked; lines stay where they are."""
    return _COMMENT_OR_STRING.sub(_blank, path.read_text(encoding="utf-8"))


def includes(path: Path) -> list[tuple[int, str]]:
    """Line and name of each #include."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
        if match:
            found.append((number, match.group(1)))
    return found


@dataclass(frozen=True)
class Function:
    """A function's body: from the line of its opening brace to that of its closing one."""

    name: str
    first: int
    last: int

    @property
    def lines(self) -> int:
        """Its length, both braces included."""
        return self.last - self.first + 1


def functions(path: Path) -> Iterator[Function]:
    """The function definitions of a C file: a brace at file level that follows a closing parenthesis."""
    code = re.sub(
        r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: re.sub(r"[^\n]", " ", m.group()), code_of(path), flags=re.M
    )
    depth, opened, name = 0, 0, ""
    head_start = 0
    for position, character in enumerate(code):
        if character == "{":
            if depth == 0:
                head = code[head_start:position].strip()
                match = re.search(r"(\w+)\s*\([^{};]*\)[\w\s()]*$", head)
                name = match.group(1) if match and "=" not in head.split("(")[0] else ""
                opened = code.count("\n", 0, position) + 1
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                if name:
                    yield Function(name, opened, code.count("\n", 0, position) + 1)
                head_start = position + 1
        elif character == ";" and depth == 0:
            head_start = position + 1
