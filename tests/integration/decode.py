"""Drives decode_pictures (tests/tools): files through the real sluice-decoder, as a worker does it."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from devstack.build import build, preset_or, sanitizer_environment

LIMIT_S = 120


def decode(folder: Path, variants: str, *files: Path, **settings: str) -> list[dict[str, Any]]:
    """What came of each file, in order; variants lie in the folder. The tool must end well whatever the files are."""
    preset = preset_or("asan")
    command = [str(build(preset) / "decode_pictures"), str(folder), variants, *map(str, files)]
    environment = os.environ | sanitizer_environment(preset) | settings
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=LIMIT_S, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stderr
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(results) == len(files)
    return results
