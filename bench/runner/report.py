"""Tables as Markdown, on the terminal and between the markers of docs/performance.md."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

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


@dataclass(frozen=True)
class Contest:
    """How long each program took in each round for the same work, and what processes beside it used."""

    count: int
    seconds: dict[str, list[float]]
    cpu: dict[str, list[dict[str, float]]]

    def rate(self, label: str) -> float:
        """The median round's, a second."""
        return self.count / median(self.seconds[label])

    def cells(self, label: str, processes: list[str]) -> list[str]:
        """Rate, slowest and fastest, CPU seconds of each process for 1,000."""
        times = self.seconds[label]
        spread = f"{self.count / max(times):,.0f}–{self.count / min(times):,.0f}"
        costs = [number(median(cpu[name] for cpu in self.cpu[label]) * 1000 / self.count) for name in processes]
        return [number(self.rate(label)), spread, *costs]

    def ratio(self, label: str) -> str:
        """What Sluice is of a peer; empty for itself, and where it did not run."""
        if label == "Sluice" or "Sluice" not in self.seconds:
            return ""
        return f"{self.rate('Sluice') / self.rate(label):.2f}×"


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
