"""python variants.py PICTURE [FOLDER]: vipsthumbnail, once a size, again and again, or once into FOLDER."""

import json
import subprocess
import sys
import tempfile
import time

SIDES = [2048, 960, 480, 240]


def render(picture: str, folder: str) -> None:
    for side in SIDES:
        out = f"{folder}/{side}.webp[Q=80,effort=4,strip]"
        subprocess.run(["vipsthumbnail", picture, "--size", f"{side}x{side}>", "-o", out], check=True)


def main(picture: str, folder: str | None = None) -> None:
    """One line of seconds in, one line of result out."""
    if folder is not None:
        render(picture, folder)
        return
    with tempfile.TemporaryDirectory() as scratch:
        render(picture, scratch)
        print("ready", flush=True)
        for line in sys.stdin:
            images, started = 0, time.perf_counter()
            while time.perf_counter() - started < float(line):
                render(picture, scratch)
                images += 1
            print(json.dumps({"images": images, "seconds": time.perf_counter() - started}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
