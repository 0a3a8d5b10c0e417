"""python variants.py PICTURE [FOLDER]: four WebP variants of a picture, again and again, or once into FOLDER."""

import io
import json
import sys
import time
from pathlib import Path

from PIL import Image, ImageOps

SIDES = [2048, 960, 480, 240]


def render(path: str) -> dict[int, bytes]:
    """Decoded once, with libjpeg's reduction; each size is made of the one before."""
    image = Image.open(path)
    image.draft("RGB", (SIDES[0], SIDES[0]))
    image = ImageOps.exif_transpose(image).convert("RGB")
    made = {}
    for side in SIDES:
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        image.save(out, "WEBP", quality=80, method=4)
        made[side] = out.getvalue()
    return made


def main(picture: str, folder: str | None = None) -> None:
    """One line of seconds in, one line of result out."""
    for side, content in render(picture).items():
        if folder is not None:
            (Path(folder) / f"{side}.webp").write_bytes(content)
    if folder is not None:
        return
    print("ready", flush=True)
    for line in sys.stdin:
        images, started = 0, time.perf_counter()
        while time.perf_counter() - started < float(line):
            render(picture)
            images += 1
        print(json.dumps({"images": images, "seconds": time.perf_counter() - started}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
