"""Tables as Markdown, on the terminal and between the markers of docs/performance.md."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from devstack.errors import DevError
from devstack.paths import ROOT

DOCUMENT = ROOT / "docs" / "performance.md"


@dataclass
class Table:
    """Text cells; the first column is left-aligned, the others are figures."""

    title: str
    columns: list[str]
    rows: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def text(self) -> str:
        """Columns padded, so that it reads well unrendered too."""
        cells = [self.columns, *self.rows]
        widths = [max(len(row[column]) for row in cells) for column in range(len(self.columns))]
        rule = [":" + "-" * (widths[0] - 1), *("-" * (width - 1) + ":" for width in widths[1:])]
        lines = [self._line(self.columns, widths), self._line(rule, widths)]
        lines += [self._line(row, widths) for row in self.rows]
        parts = [f"**{self.title}**", "\n".join(lines), *self.notes]
        return "\n\n".join(parts)

    @staticmethod
    def _line(cells: list[str], widths: list[int]) -> str:
        first = cells[0].ljust(widths[0])
        rest = [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
        return "| " + " | ".join([first, *rest]) + " |"


class Targets(Table):
    """What was asked for and what was reached."""

    def __init__(self) -> None:
        super().__init__("Targets", ["target", "wanted", "measured", "met"])

    def at_least(self, name: str, measured: float, wanted: float, unit: str = "") -> None:
        self._add(name, f"≥ {number(wanted)}{unit}", f"{number(measured)}{unit}", measured >= wanted)

    def at_most(self, name: str, measured: float, wanted: float, unit: str = "") -> None:
        self._add(name, f"≤ {number(wanted)}{unit}", f"{number(measured)}{unit}", measured <= wanted)

    def _add(self, name: str, wanted: str, measured: str, met: bool) -> None:
        self.rows.append([name, wanted, measured, "yes" if met else "**no**"])


def number(value: float) -> str:
    """Three significant digits, thousands separated."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value else "0"


@dataclass
class Section:
    """The tables of one benchmark, with when and where they were measured."""

    name: str
    tables: list[Table]
    head: list[str]

    def text(self) -> str:
        return "\n\n".join(["\n".join(self.head), *(table.text() for table in self.tables if table.rows)])


def write(section: Section, document: Path = DOCUMENT) -> None:
    """Replaces what stands between the section's markers and nothing else."""
    text = document.read_text(encoding="utf-8")
    first, last = f"<!-- bench:{section.name} -->", f"<!-- /bench:{section.name} -->"
    pattern = re.compile(re.escape(first) + ".*?" + re.escape(last), re.DOTALL)
    if not pattern.search(text):
        raise DevError(f"{document.name} has no markers {first} … {last}")
    document.write_text(pattern.sub(lambda _: f"{first}\n\n{section.text()}\n\n{last}", text), encoding="utf-8")
    print(f"wrote {document.relative_to(ROOT)}: {section.name}")
