"""webp: size, likeness and CPU time over WebP's effort and quality, from which the defaults are chosen."""

import subprocess
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from devstack.errors import DevError
from runner.report import Table, number
from runner.studio import KINDS, Studio

SIDE = 2048
EFFORTS = range(7)
QUALITIES = (70, 75, 80, 82, 85, 90)
REFERENCE = (4, 80)


@dataclass(frozen=True)
class Encoded:
    """One file."""

    size: int
    ms: float
    psnr: float
    ssim: float


def _encode(studio: Studio, kind: str) -> dict[tuple[int, int], Encoded]:
    picture, folder = studio.pictures / f"{kind}.jpg", studio.scratch / kind
    folder.mkdir()
    command = [str(studio.programs / "bench-webp"), str(picture), str(SIDE), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise DevError(f"{kind}: {done.stderr}")
    lines = [line.split() for line in done.stdout.splitlines()]
    files: list[tuple[Path, Path]] = [(picture, folder / f"{effort}-{quality}.webp") for effort, quality, *_ in lines]
    found = zip(lines, studio.qualities(files), strict=True)
    return {
        (int(effort), int(quality)): Encoded(int(size), float(ms), near["psnr"], near["ssim"])
        for (effort, quality, size, ms), near in found
    }


def _between(x: float, points: list[tuple[float, float]]) -> float | None:
    """The straight line between the two points around x; None outside of them."""
    points = sorted(points)
    for (left, low), (right, high) in pairwise(points):
        if left <= x <= right:
            return low + (high - low) * (x - left) / max(right - left, 1e-12)
    return None


def _whole_table(kind: str, encoded: dict[tuple[int, int], Encoded]) -> Table:
    table = Table(f"{kind}: KiB, SSIM, CPU ms", ["quality", *(f"effort {effort}" for effort in EFFORTS)])
    for quality in QUALITIES:
        row = [str(quality)]
        for effort in EFFORTS:
            one = encoded[effort, quality]
            row.append(f"{number(one.size / 1024)}, {one.ssim:.4f}, {one.ms:.0f}")
        table.rows.append(row)
    return table


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share - 1:+.1%}"


def _choice_table(everything: dict[str, dict[tuple[int, int], Encoded]]) -> Table:
    columns = [
        "bytes for the SSIM of effort 4, quality 80; CPU time for that",
        *(f"effort {effort}" for effort in EFFORTS),
    ]
    table = Table("What each effort costs for the same likeness", columns)
    for kind, encoded in everything.items():
        wanted, row = encoded[REFERENCE], [kind]
        for effort in EFFORTS:
            files = [encoded[effort, quality] for quality in QUALITIES]
            size = _between(wanted.ssim, [(one.ssim, one.size) for one in files])
            ms = _between(wanted.ssim, [(one.ssim, one.ms) for one in files])
            none = size is None or ms is None
            row.append("not reached" if none else f"{_percent(size / wanted.size)}, {ms / wanted.ms:.2f}×")
        table.rows.append(row)
    return table


def run(studio: Studio) -> list[Table]:
    """Every kind of picture in the size of the largest variant, by the planar renderer."""
    everything = {}
    for kind in KINDS:
        everything[kind] = _encode(studio, kind)
        print(f"{kind}: done", flush=True)
    return [_choice_table(everything), *(_whole_table(kind, encoded) for kind, encoded in everything.items())]
