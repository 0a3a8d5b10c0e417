"""How near encoded pictures are to their source: reads lines of SOURCE<tab>ENCODED, prints one of JSON each.

The reference is the source in the encoded size, by Pillow's Lanczos in RGB: close to what Pillow's own variants are
made of, and to nobody else's.
"""

import json
import sys
from functools import lru_cache

import numpy as np
from PIL import Image

Image.MAX_IMAGE_PIXELS = None
# Wang et al. 2004: a Gaussian of 1.5 pixels over 11, and their constants for 8 bits.
SIGMA, RADIUS = 1.5, 5
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def _blurred(plane: np.ndarray) -> np.ndarray:
    weights = np.exp(-0.5 * (np.arange(-RADIUS, RADIUS + 1) / SIGMA) ** 2).astype(np.float32)
    weights /= weights.sum()
    height, width = plane.shape
    rows = sum(w * plane[index : height - 2 * RADIUS + index] for index, w in enumerate(weights))
    return sum(w * rows[:, index : width - 2 * RADIUS + index] for index, w in enumerate(weights))


@lru_cache(maxsize=4)
def _reference(path: str, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    image = _open(path).resize(size, Image.Resampling.LANCZOS)
    luma = np.asarray(image.convert("L"), np.float32)
    mean = _blurred(luma)
    return luma, mean, _blurred(luma * luma) - mean * mean


@lru_cache(maxsize=1)
def _open(path: str) -> Image.Image:
    return Image.open(path).convert("RGB")


def compare(source: str, encoded: str) -> dict[str, float]:
    """Luma PSNR in dB, and SSIM."""
    image = Image.open(encoded).convert("RGB")
    luma, mean, variance = _reference(source, image.size)
    other = np.asarray(image.convert("L"), np.float32)
    other_mean = _blurred(other)
    other_variance = _blurred(other * other) - other_mean * other_mean
    covariance = _blurred(luma * other) - mean * other_mean
    ssim = ((2 * mean * other_mean + C1) * (2 * covariance + C2)) / (
        (mean**2 + other_mean**2 + C1) * (variance + other_variance + C2)
    )
    error = float(np.mean((luma - other) ** 2, dtype=np.float64))
    return {"psnr": 10 * float(np.log10(255**2 / max(error, 1e-9))), "ssim": float(ssim.mean(dtype=np.float64))}


if __name__ == "__main__":
    for line in sys.stdin:
        first, _, second = line.rstrip("\n").partition("\t")
        print(json.dumps(compare(first, second)), flush=True)
