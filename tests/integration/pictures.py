"""Pictures of every format, made at test time, and how a variant of them should look to another renderer."""

import io
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pillow_heif
from PIL import Image, ImageCms, ImageOps

pillow_heif.register_heif_opener()

WIDTH, HEIGHT = 640, 424
ORIENTATION = 0x0112


def scene(width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """Four corners of different colours, so that no turn or flip of it looks like another one. No hard edge: what the
    formats do to colour there differs."""
    x, y = numpy.meshgrid(numpy.linspace(0, 1, width), numpy.linspace(0, 1, height))
    pixels = numpy.stack([60 + 120 * x, 60 + 120 * y, 200 - 100 * x], axis=-1)
    for column, row, colour in (
        (0, 0, (220, 30, 30)),
        (1, 0, (30, 200, 40)),
        (0, 1, (30, 40, 220)),
        (1, 1, (240, 240, 90)),
    ):
        away = (x - (0.15 + 0.7 * column)) ** 2 + (y - (0.15 + 0.7 * row)) ** 2
        weight = numpy.exp(-away / 0.02)[..., None]
        pixels = pixels * (1 - weight) + numpy.array(colour) * weight
    return Image.fromarray(pixels.astype(numpy.uint8), "RGB")


def with_alpha() -> Image.Image:
    picture = scene().convert("RGBA")
    ramp = numpy.tile(numpy.linspace(0, 255, WIDTH).astype(numpy.uint8), (HEIGHT, 1))
    picture.putalpha(Image.fromarray(ramp, "L"))
    return picture


def swapped_profile() -> bytes:
    """A profile whose red is sRGB's blue and the other way round: who ignores it shows it."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack_from(">I", profile, 128)[0]
    at = {bytes(profile[132 + 12 * i : 136 + 12 * i]): 132 + 12 * i for i in range(count)}
    red, blue = at[b"rXYZ"], at[b"bXYZ"]
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(profile)


def bytes_of(picture: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def png_16() -> bytes:
    """16 bits a sample, which Pillow does not write in colour: by hand."""
    import zlib

    samples = numpy.asarray(scene()).astype(">u2") * 257
    rows = b"".join(b"\0" + row.tobytes() for row in samples)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 16, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def animation(form: str, frames: int = 3) -> bytes:
    """Its first frame is the scene, the others are not."""
    others = [Image.new("RGB", (WIDTH, HEIGHT), (i * 40 % 256, 0, 0)) for i in range(frames - 1)]
    first = scene().quantize(64, dither=Image.Dither.NONE) if form == "GIF" else scene()
    return bytes_of(first, form, save_all=True, append_images=others, duration=50)


def heif(**options: Any) -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(scene()).save(out, quality=90, **options)
    return out.getvalue()


FORMATS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "baseline.jpg": ("image/jpeg", lambda: bytes_of(scene(), "JPEG", quality=92)),
    "progressive.jpg": ("image/jpeg", lambda: bytes_of(scene(), "JPEG", quality=92, progressive=True)),
    "subsampled-444.jpg": ("image/jpeg", lambda: bytes_of(scene(), "JPEG", quality=92, subsampling=0)),
    "subsampled-422.jpg": ("image/jpeg", lambda: bytes_of(scene(), "JPEG", quality=92, subsampling=1)),
    "gray.jpg": ("image/jpeg", lambda: bytes_of(scene().convert("L"), "JPEG", quality=92)),
    "profile.jpg": ("image/jpeg", lambda: bytes_of(scene(), "JPEG", quality=92, icc_profile=swapped_profile())),
    "plain.png": ("image/png", lambda: bytes_of(scene(), "PNG")),
    "palette.png": ("image/png", lambda: bytes_of(scene().quantize(128, dither=Image.Dither.NONE), "PNG")),
    "gray.png": ("image/png", lambda: bytes_of(scene().convert("L"), "PNG")),
    "gray-alpha.png": ("image/png", lambda: bytes_of(with_alpha().convert("LA"), "PNG")),
    "alpha.png": ("image/png", lambda: bytes_of(with_alpha(), "PNG")),
    "16-bit.png": ("image/png", png_16),
    "lossy.webp": ("image/webp", lambda: bytes_of(scene(), "WEBP", quality=90)),
    "lossless-alpha.webp": ("image/webp", lambda: bytes_of(with_alpha(), "WEBP", lossless=True, exact=True)),
    "animated.webp": ("image/webp", lambda: animation("WEBP")),
    "still.gif": ("image/gif", lambda: bytes_of(scene().quantize(128, dither=Image.Dither.NONE), "GIF")),
    "animated.gif": ("image/gif", lambda: animation("GIF")),
    "plain.tif": ("image/tiff", lambda: bytes_of(scene(), "TIFF")),
    "lzw.tif": ("image/tiff", lambda: bytes_of(scene(), "TIFF", compression="tiff_lzw")),
    "pages.tif": ("image/tiff", lambda: animation("TIFF")),
    "photo.heic": ("image/heic", heif),
    "photo.avif": ("image/avif", lambda: bytes_of(scene(), "AVIF", quality=90)),
}

ANIMATED = {"animated.webp", "animated.gif", "pages.tif"}


def expected(content: bytes, width: int, height: int) -> Image.Image:
    """The variant by Pillow: oriented, sRGB, of this size."""
    picture = Image.open(io.BytesIO(content))
    picture = ImageOps.exif_transpose(picture)
    profile = picture.info.get("icc_profile")
    if profile is not None:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        picture = ImageCms.profileToProfile(picture, source, target, outputMode="RGB")
    elif picture.mode.startswith("I;16"):
        raise AssertionError("Pillow reads 16 bits as gray only")
    mode = "RGBA" if "A" in picture.getbands() or "transparency" in picture.info else "RGB"
    return picture.convert(mode).resize((width, height), Image.Resampling.LANCZOS)


def difference(left: Image.Image, right: Image.Image) -> tuple[float, float]:
    """Mean and 99th percentile of the difference of two pictures, in steps of 1/255, on gray where transparent."""
    flat = []
    for picture in (left, right):
        base = Image.new("RGBA", picture.size, (128, 128, 128, 255))
        base.alpha_composite(picture.convert("RGBA"))
        flat.append(numpy.asarray(base.convert("RGB")).astype(float))
    distance = numpy.abs(flat[0] - flat[1])
    return float(distance.mean()), float(numpy.percentile(distance, 99))


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path
