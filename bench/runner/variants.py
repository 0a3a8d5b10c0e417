"""variants: images per second, CPU time and memory of four WebP variants of a photo, beside other programs."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from devstack.errors import DevError
from devstack.service import plain_environment
from runner.report import Table, Targets, number
from runner.rounds import turns
from runner.studio import Studio
from runner.toolchain import PEERS, node_module
from runner.usage import tree_cpu_seconds

SIDES = (2048, 960, 480, 240)
PHOTOS = ("photo-12.jpg", "photo-24.jpg", "photo-12.png")
TITLES = {"photo-12.jpg": "12 MP JPEG", "photo-24.jpg": "24 MP JPEG", "photo-12.png": "12 MP PNG"}
PROCESSES = 2
TURN_S = 3.0
ANSWER_WITHIN_S = 60.0
LAUNCH = Path(__file__).parent / "launch.py"
DOCUMENTED, ONCE, SLUICE = "sharp, as its documentation shows (clone)", "sharp, decode once, cascade", "Sluice"


@dataclass
class Contestant:
    """A program that makes the variants; `command` takes the picture and, to write them once, a folder."""

    label: str
    command: list[str]
    images_per_s: dict[str, list[float]] = field(default_factory=dict)
    cpu_per_image: dict[str, list[float]] = field(default_factory=dict)
    peak_mib: dict[str, float] = field(default_factory=dict)


def _contestants(studio: Studio) -> list[Contestant]:
    found = []
    if not studio.options.sluice_only:
        sharp = ["node", str(node_module("sharp_variants") / "variants.mjs")]
        found += [Contestant(DOCUMENTED, [*sharp, "documented"]), Contestant(ONCE, [*sharp, "once"])]
        pillow, vips = PEERS / "pillow_variants" / "variants.py", PEERS / "vipsthumbnail_variants" / "variants.py"
        found.append(Contestant("Pillow, cascade", [str(studio.python), str(pillow)]))
        found.append(Contestant("vipsthumbnail, once a size", [sys.executable, "-I", "-S", str(vips)]))
    if not studio.options.peers_only:
        specs = ",".join(f"v{side}:{side}:webp:80" for side in SIDES)
        program = str(studio.programs / "bench-variants")
        found.append(Contestant(SLUICE, [program, "4", specs]))
        found.append(Contestant("Sluice, WebP effort 2", [program, "2", specs]))
    return found


class Pair:
    """Two processes of one contestant that work at the same time when they are told to."""

    def __init__(self, contestant: Contestant, picture: Path, scratch: Path) -> None:
        self.contestant, self.picture = contestant, picture
        self.peaks = [scratch / f"peak-{index}" for index in range(PROCESSES)]
        launched = [sys.executable, "-I", "-S", str(LAUNCH)]
        self.processes = [
            subprocess.Popen(
                [*launched, str(peak), *contestant.command, str(picture)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=plain_environment(),
            )
            for peak in self.peaks
        ]

    def wait_ready(self) -> None:
        """Each has made its first image: programs, libraries and the picture are in memory."""
        for process in self.processes:
            if self._line(process) != "ready":
                raise DevError(f"{self.contestant.label} did not start")

    @staticmethod
    def _line(process: "subprocess.Popen[str]") -> str:
        assert process.stdout is not None
        return process.stdout.readline().strip()

    def _cpu(self) -> float:
        return sum(tree_cpu_seconds(process.pid) for process in self.processes)

    def turn(self) -> tuple[float, float]:
        """Images per second of both together, and CPU seconds an image."""
        before = self._cpu()
        for process in self.processes:
            assert process.stdin is not None
            process.stdin.write(f"{TURN_S}\n")
            process.stdin.flush()
        results = [json.loads(self._line(process) or "{}") for process in self.processes]
        if not all(results):
            raise DevError(f"{self.contestant.label} ended")
        images = sum(result["images"] for result in results)
        return sum(one["images"] / one["seconds"] for one in results), (self._cpu() - before) / images

    def end(self) -> float:
        """MiB of the largest process at its peak."""
        for process in self.processes:
            process.communicate(timeout=ANSWER_WITHIN_S)
        return max(int(peak.read_text(encoding="ascii")) for peak in self.peaks) / 1024

    def kill(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()


@contextmanager
def _started(contestants: list[Contestant], picture: Path, studio: Studio) -> Iterator[list[Pair]]:
    pairs: list[Pair] = []
    try:
        for number_of_pair, contestant in enumerate(contestants):
            scratch = studio.scratch / f"{picture.name}-{number_of_pair}"
            scratch.mkdir()
            pairs.append(Pair(contestant, picture, scratch))
            pairs[-1].wait_ready()
        yield pairs
    finally:
        for pair in pairs:
            pair.kill()


def _measure(studio: Studio, contestants: list[Contestant], photo: str) -> None:
    with _started(contestants, studio.pictures / photo, studio) as pairs:
        for round_number, pair in turns(pairs, studio.options.rounds):
            rate, cpu = pair.turn()
            pair.contestant.images_per_s.setdefault(photo, []).append(rate)
            pair.contestant.cpu_per_image.setdefault(photo, []).append(cpu)
            print(f"{photo} round {round_number}: {pair.contestant.label}: {rate:.2f}/s, {cpu:.3f} CPU s", flush=True)
        for pair in pairs:
            pair.contestant.peak_mib[photo] = pair.end()


@dataclass(frozen=True)
class Made:
    """The variants of one photo by one contestant: bytes of all, and how good the largest is."""

    size: int
    psnr: float
    ssim: float


def _qualities(studio: Studio, contestants: list[Contestant], photo: str) -> dict[str, Made]:
    pairs, sizes = [], []
    for number_of_one, contestant in enumerate(contestants):
        folder = studio.scratch / f"{photo}-made-{number_of_one}"
        folder.mkdir()
        command = [*contestant.command, str(studio.pictures / photo), str(folder)]
        if subprocess.run(command, env=plain_environment(), stdin=subprocess.DEVNULL).returncode != 0:
            raise DevError(f"{contestant.label} could not make its variants")
        sizes.append(sum(path.stat().st_size for path in folder.iterdir()))
        pairs.append((studio.pictures / photo, folder / f"{SIDES[0]}.webp"))
    found = zip(contestants, sizes, studio.qualities(pairs), strict=True)
    return {one.label: Made(size, quality["psnr"], quality["ssim"]) for one, size, quality in found}


def _speed_table(contestants: list[Contestant]) -> Table:
    columns = [""]
    for photo in PHOTOS:
        columns += [f"{TITLES[photo]} images/s", "slowest–fastest", "CPU s an image", "peak MiB"]
    table = Table(f"{', '.join(map(str, SIDES[::-1]))} px WebP, quality 80, effort 4, {PROCESSES} processes", columns)
    for one in contestants:
        row = [one.label]
        for photo in PHOTOS:
            rates = one.images_per_s[photo]
            row += [number(median(rates)), f"{min(rates):.2f}–{max(rates):.2f}"]
            row += [number(median(one.cpu_per_image[photo])), number(one.peak_mib[photo])]
        table.rows.append(row)
    table.notes.append(
        "Each turn takes 3 s, programs in turn, medians. Peak: the largest process. Sluice is sluice-decoder as a "
        "worker runs it: fork, seccomp and memfds included; its pictures take the planar renderer."
    )
    return table


def _quality_table(made: dict[str, dict[str, Made]]) -> Table:
    columns = ["luma, at 2048 px"]
    for photo in made:
        columns += [f"{TITLES[photo]} PSNR dB", "SSIM", "KiB of all four"]
    table = Table("Quality", columns)
    for label in next(iter(made.values())):
        row = [label]
        for photo in made:
            one = made[photo][label]
            row += [f"{one.psnr:.2f}", f"{one.ssim:.4f}", number(one.size / 1024)]
        table.rows.append(row)
    return table


def _targets(contestants: list[Contestant], made: dict[str, dict[str, Made]]) -> Targets:
    targets, by_label = Targets(), {one.label: one for one in contestants}
    for photo in PHOTOS:
        rates = {label: median(one.images_per_s[photo]) for label, one in by_label.items()}
        cpu = {label: median(one.cpu_per_image[photo]) for label, one in by_label.items()}
        best = max((DOCUMENTED, ONCE), key=lambda label: rates[label])
        is_jpeg = photo.endswith(".jpg")
        targets.at_least(
            f"{TITLES[photo]}, of sharp's best", rates[SLUICE] / rates[best], 1.15 if is_jpeg else 0.9, "×"
        )
        if is_jpeg:
            targets.at_least(f"{TITLES[photo]}, of sharp as documented", rates[SLUICE] / rates[DOCUMENTED], 1.3, "×")
            targets.at_most(f"{TITLES[photo]}, peak", by_label[SLUICE].peak_mib[photo], 64, " MiB")
        at_most = 1 / 1.15 if is_jpeg else 1 / 0.9
        targets.at_most(
            f"{TITLES[photo]}, CPU of sharp's least", cpu[SLUICE] / min(cpu[DOCUMENTED], cpu[ONCE]), at_most, "×"
        )
        if photo in made:
            sharp = max(made[photo][DOCUMENTED].ssim, made[photo][ONCE].ssim)
            targets.at_least(f"{TITLES[photo]}, SSIM of sharp's best", made[photo][SLUICE].ssim / sharp, 0.999, "×")
    return targets


def run(studio: Studio) -> list[Table]:
    """Everyone's processes are started for one photo and take turns."""
    contestants = _contestants(studio)
    made = {photo: _qualities(studio, contestants, photo) for photo in PHOTOS[:2]}
    for photo in PHOTOS:
        _measure(studio, contestants, photo)
    tables = [_speed_table(contestants), _quality_table(made)]
    both = studio.options.sluice_only or studio.options.peers_only
    return tables if both else [*tables, _targets(contestants, made)]
