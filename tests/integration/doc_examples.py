"""Examples in documents that are run: a fenced block of sh or js behind the comment

    <!-- run -->            the block must end well
    <!-- run: "SYNCED" -->  and its output must contain this text

Blocks of one document run in order, in one bash: what one block sets, the next one has. A js block is a module of node.
Blocks behind `run-NAME` belong to a group that another test runs, for which the open stack is the wrong place.
"""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

MARKED = re.compile(r"^<!-- run(?:-(\w+))?(?:: ([^\n]*?))? -->\n+```(\w+)\n(.*?)^```$", re.M | re.S)
LANGUAGES = ("sh", "js")
BORDER = "=== block"
TIMEOUT_S = 240


@dataclass(frozen=True)
class Example:
    """One block."""

    line: int
    language: str
    text: str
    prints: str | None


def examples(document: Path, group: str | None = None) -> list[Example]:
    """The blocks to run, of one group. A mark that leads to none is a mistake."""
    text = document.read_text(encoding="utf-8")
    marks = list(MARKED.finditer(text))
    assert len(marks) == len(re.findall(r"^<!-- run\b", text, re.M)), f"{document.name}: a mark without its block"
    found = [
        Example(text.count("\n", 0, mark.start(3)) + 1, mark.group(3), mark.group(4), mark.group(2))
        for mark in marks
        if mark.group(1) == group
    ]
    for example in found:
        assert example.language in LANGUAGES, f"{document.name}:{example.line}: {example.language} cannot be run"
    return found


def _script(blocks: list[Example], folder: Path) -> str:
    lines = ["set -euo pipefail"]
    for number, block in enumerate(blocks):
        lines.append(f"echo; echo '{BORDER} {number}'")
        if block.language == "js":
            (folder / f"block-{number}.mjs").write_text(block.text, encoding="utf-8")
            lines.append(f"node block-{number}.mjs")
        else:
            lines.append(block.text)
    return "\n".join(lines)


def run_examples(document: Path, folder: Path, environment: dict[str, str], group: str | None = None) -> None:
    """Runs the document's examples of this group in this folder."""
    blocks = examples(document, group)
    done = subprocess.run(
        ["bash", "-c", _script(blocks, folder)],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_S,
    )
    outputs = re.split(rf"^{BORDER} \d+\n", done.stdout, flags=re.M)[1:]
    last = blocks[len(outputs) - 1]
    assert done.returncode == 0, f"{document.name}:{last.line}: exit {done.returncode}:\n{outputs[-1]}"
    for block, output in zip(blocks, outputs, strict=True):
        if block.prints is not None:
            assert block.prints in output, f"{document.name}:{block.line}: no {block.prints} in:\n{output}"
