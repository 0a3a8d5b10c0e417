"""What the benchmarks of pictures need: the pictures, the programs and the comparison. No services."""

import hashlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType

from devstack.build import build, preset_or
from devstack.errors import DevError
from devstack.paths import ROOT, cache_dir, make_dir
from runner.lab import lock_machine
from runner.machine import output, sluice_version
from runner.options import Options
from runner.toolchain import PEERS, node_module, peer_python

PICTURES = ROOT / "bench" / "pictures"
KINDS = ("noise-like photo", "portrait-like", "text and graphics", "smooth gradient")


def pictures(python: Path) -> Path:
    """The folder of pictures, made once for each content of what makes them."""
    requirements = PEERS / "pillow_variants" / "requirements.txt"
    content = (PICTURES / "make.py").read_bytes() + requirements.read_bytes()
    folder = make_dir(cache_dir() / "bench") / f"pictures-{hashlib.sha256(content).hexdigest()[:16]}"
    if not folder.exists():
        print("bench: making the pictures (20 seconds) …", flush=True)
        unfinished = folder.with_suffix(".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        command = [str(python), str(PICTURES / "make.py"), str(unfinished)]
        if subprocess.run(command, stdin=subprocess.DEVNULL).returncode != 0:
            raise DevError("the pictures could not be made")
        unfinished.rename(folder)
    return folder


class Studio:
    """Holds the machine for as long as it is entered; its scratch folder goes afterwards, the pictures stay cached."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.preset = preset_or("release")

    def __enter__(self) -> "Studio":
        self._lock = lock_machine()
        self.scratch = Path(tempfile.mkdtemp(prefix="sluice-bench-"))
        try:
            self.python = peer_python("pillow_variants")
            self.pictures = pictures(self.python)
            if not self.options.peers_only:
                self.programs = build(self.preset, "sluice-decoder", "bench-variants", "bench-webp")
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        shutil.rmtree(self.scratch, ignore_errors=True)
        self._lock.close()

    def qualities(self, pairs: list[tuple[Path, Path]]) -> list[dict[str, float]]:
        """Of (source, encoded): luma psnr in dB and ssim."""
        lines = "".join(f"{source}\t{encoded}\n" for source, encoded in pairs)
        command = [str(self.python), str(PICTURES / "quality.py")]
        done = subprocess.run(command, input=lines, capture_output=True, text=True)
        if done.returncode != 0:
            raise DevError(f"the comparison failed:\n{done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def software(self) -> str:
        """Versions of all that was compared."""
        parts = [] if self.options.peers_only else [f"{sluice_version(self.preset, 'sluice-decoder')}"]
        parts += [
            f"{name} {output('pkg-config', '--modversion', name)}" for name in ("libturbojpeg", "libwebp", "vips")
        ]
        if not self.options.sluice_only:
            script = "import s from 'sharp'; const v = s.versions; console.log(v.sharp, v.vips, v.webp)"
            node = ["node", "--input-type=module", "-e", script]
            cwd = node_module("sharp_variants")
            found = subprocess.run(node, cwd=cwd, capture_output=True, text=True).stdout.split()
            parts.append("sharp {} (libvips {}, libwebp {})".format(*found))
            pillow = "from PIL import __version__, features as f; print(__version__, f.version('webp'))"
            parts.append("Pillow {} (libwebp {})".format(*output(str(self.python), "-c", pillow).split()))
        return "; ".join(parts) + "."
