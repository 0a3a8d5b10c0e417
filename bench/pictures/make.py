"""Makes the pictures that are measured: python make.py FOLDER. The same bytes on every run with the same packages."""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Pixels = np.ndarray
JPEG_QUALITY = 90
TABLE_SIZE = (3072, 2304)


def _octaves(width: int, height: int, seed: int, roughness: float, finest: int) -> Pixels:
    """Noise of every size from a quarter of the picture down to `finest` pixels, each octave a share of the one before;
    mean 0, deviation 1."""
    random = np.random.default_rng(seed)
    total = np.zeros((height, width, 3), np.float32)
    cells, amplitude, longest = 4, 1.0, max(width, height)
    while cells <= longest // finest:
        grid = random.standard_normal((cells * height // longest + 2, cells + 2, 3)).astype(np.float32)
        grid = 0.75 * grid.mean(2, keepdims=True) + 0.25 * grid
        for channel in range(3):
            layer = Image.fromarray(grid[:, :, channel]).resize((width, height), Image.Resampling.BICUBIC)
            total[:, :, channel] += amplitude * np.asarray(layer)
        cells, amplitude = cells * 2, amplitude * roughness
    return (total - total.mean()) / total.std()


def _picture(values: Pixels) -> Image.Image:
    return Image.fromarray(np.clip(values + 0.5, 0, 255).astype(np.uint8))


def noise_photo(width: int, height: int) -> Image.Image:
    """Leaves, gravel, fur: detail everywhere, down to the pixel."""
    return _picture(120 + 58 * _octaves(width, height, 1, 0.86, 1))


def gradient(width: int, height: int) -> Image.Image:
    """A sky: slow changes, and the little noise of a sensor."""
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    base = np.stack([90 + 120 * down / height, 130 + 80 * down / height, 220 - 30 * across / width], 2)
    grain = np.random.default_rng(2).standard_normal((height, width, 1)).astype(np.float32)
    return _picture(base + 12 * _octaves(width, height, 3, 0.5, 64) + 1.2 * grain)


def text(width: int, height: int) -> Image.Image:
    """A page with a diagram: sharp edges on flat colour."""
    image = Image.new("RGB", (width, height), (250, 250, 247))
    draw, random = ImageDraw.Draw(image), np.random.default_rng(4)
    words = "object key presigned upload variant metadata lease bucket event store decoder retry".split()
    for row, top in enumerate(range(60, height - 700, 58)):
        line = " ".join(words[index] for index in random.integers(0, len(words), 40))
        font = ImageFont.load_default(size=30 + 14 * (row % 6 == 0))
        draw.text((80, top), line, (20, 20, 30) if row % 6 else (140, 20, 40), font=font)
    for index in range(24):
        left, tall = 100 + index * (width - 200) // 24, int(random.integers(80, 560))
        colour = tuple(int(value) for value in random.integers(30, 220, 3))
        draw.rectangle((left, height - 60 - tall, left + 80, height - 60), colour, (0, 0, 0), 4)
    return image


def portrait(width: int, height: int) -> Image.Image:
    """Blurred background, skin with little texture, hair of fine lines."""
    base = _picture(np.array([96, 110, 88], np.float32) + 26 * _octaves(width, height, 5, 0.55, 96))
    mask, random = Image.new("L", (width, height)), np.random.default_rng(6)
    face = (width * 3 // 10, height // 6, width * 7 // 10, height * 9 // 10)
    ImageDraw.Draw(mask).ellipse(face, 255)
    skin = _picture(np.array([205, 160, 138], np.float32) + 9 * _octaves(width, height, 7, 0.75, 2))
    base.paste(skin, mask=mask.filter(ImageFilter.GaussianBlur(6)))
    draw = ImageDraw.Draw(base)
    for _ in range(5200):
        start, length = random.random() * np.pi, 220 + 260 * random.random()
        x = width / 2 - np.cos(start) * (face[2] - face[0]) * (0.46 + 0.1 * random.random())
        y = height * 0.5 - np.sin(start) * (face[3] - face[1]) * (0.46 + 0.1 * random.random())
        shade = 25 + 60 * random.random()
        end = (x - np.cos(start) * 60 * random.random(), y + length)
        draw.line((x, y, *end), (int(shade), int(shade * 0.75), int(shade * 0.55)), 2)
    return base


KINDS: dict[str, Callable[[int, int], Image.Image]] = {
    "noise-like photo": noise_photo, "smooth gradient": gradient, "text and graphics": text, "portrait-like": portrait,
}  # fmt: skip


def main(folder: Path) -> None:
    """photo-12.jpg, photo-24.jpg, photo-12.png for speed, and one of each kind."""
    photo = noise_photo(4000, 3000)
    photo.save(folder / "photo-12.jpg", quality=JPEG_QUALITY, subsampling="4:2:0")
    photo.save(folder / "photo-12.png", compress_level=6)
    noise_photo(6000, 4000).save(folder / "photo-24.jpg", quality=JPEG_QUALITY, subsampling="4:2:0")
    for name, make in KINDS.items():
        make(*TABLE_SIZE).save(folder / f"{name}.jpg", quality=JPEG_QUALITY, subsampling="4:2:0")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
