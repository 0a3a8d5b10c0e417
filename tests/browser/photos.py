"""Pictures made for the test that uses them."""

import random
from pathlib import Path

from PIL import Image


def photo(path: Path, seed: int, size: tuple[int, int] = (1200, 900)) -> Path:
    """A picture in the format of its name, another one for each seed."""
    noise = random.Random(seed).randbytes(12 * 9 * 3)
    Image.frombytes("RGB", (12, 9), noise).resize(size, Image.Resampling.BICUBIC).save(path)
    return path


def broken_photo(path: Path) -> Path:
    """A JPEG that begins like one and then is noise."""
    whole = photo(path, seed=9).read_bytes()
    path.write_bytes(whole[:200] + random.Random(9).randbytes(5000))
    return path
