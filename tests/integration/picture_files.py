"""Pictures for the tests, made by Pillow: something nobody here wrote."""

import io
import random
from dataclasses import dataclass

import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()

Colour = tuple[int, int, int]

# Where (as shares of width and height) which colour is.
CORNERS: dict[tuple[float, float], Colour] = {
    (0.25, 0.25): (200, 40, 40),
    (0.75, 0.25): (40, 180, 60),
    (0.25, 0.75): (50, 70, 200),
    (0.75, 0.75): (220, 210, 60),
}


def picture(width: int, height: int) -> Image.Image:
    """Four fields of different colours, so that a turned or mirrored copy shows."""
    image = Image.new("RGB", (width, height))
    for (x, y), colour in CORNERS.items():
        left, top = (0 if x < 0.5 else width // 2), (0 if y < 0.5 else height // 2)
        right, bottom = (max(1, width // 2) if x < 0.5 else width), (max(1, height // 2) if y < 0.5 else height)
        image.paste(colour, (left, top, right, bottom))
    return image


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def jpeg(width: int, height: int, **options: object) -> bytes:
    return encoded(picture(width, height), "JPEG", **options)


def png(width: int, height: int) -> bytes:
    return encoded(picture(width, height), "PNG")


def noise(width: int, height: int) -> bytes:
    """A PNG that does not get smaller."""
    return encoded(Image.frombytes("RGB", (width, height), random.Random(1).randbytes(width * height * 3)), "PNG")


def oriented(orientation: int, width: int, height: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(picture(width, height), "JPEG", exif=exif.tobytes(), quality=95)


@dataclass(frozen=True)
class Sample:
    """A picture of 640 by 400 in some format, and how near its colours must be."""

    data: bytes
    content_type: str
    extension: str
    tolerance: int = 24


def _with_alpha() -> Image.Image:
    image = picture(640, 400).convert("RGBA")
    image.putalpha(255)
    return image


def _sixteen_bit() -> bytes:
    """A gray one of 16 bits is the only one that Pillow writes; its colours are checked by nobody."""
    return encoded(picture(640, 400).convert("L").convert("I").point(lambda value: value * 257).convert("I;16"), "PNG")


SAMPLES = {
    "jpeg": Sample(jpeg(640, 400, quality=90), "image/jpeg", "jpg"),
    "jpeg-progressive": Sample(jpeg(640, 400, quality=90, progressive=True), "image/jpeg", "jpg"),
    "jpeg-444": Sample(jpeg(640, 400, quality=90, subsampling=0), "image/jpeg", "jpg"),
    "jpeg-cmyk": Sample(encoded(picture(640, 400).convert("CMYK"), "JPEG", quality=90), "image/jpeg", "jpg", 90),
    "jpeg-gray": Sample(encoded(picture(640, 400).convert("L"), "JPEG"), "image/jpeg", "jpg", 255),
    "png": Sample(png(640, 400), "image/png", "png"),
    "png-alpha": Sample(encoded(_with_alpha(), "PNG"), "image/png", "png"),
    "png-palette": Sample(encoded(picture(640, 400).quantize(16), "PNG"), "image/png", "png"),
    "png-16": Sample(_sixteen_bit(), "image/png", "png", 255),
    "webp": Sample(encoded(picture(640, 400), "WEBP", quality=90), "image/webp", "webp"),
    "webp-lossless": Sample(encoded(picture(640, 400), "WEBP", lossless=True), "image/webp", "webp"),
    "gif": Sample(encoded(picture(640, 400).quantize(16), "GIF"), "image/gif", "gif"),
    "tiff": Sample(encoded(picture(640, 400), "TIFF"), "image/tiff", "tif"),
    "tiff-lzw": Sample(encoded(picture(640, 400), "TIFF", compression="tiff_lzw"), "image/tiff", "tif"),
    "heic": Sample(encoded(picture(640, 400), "HEIF", quality=90), "image/heic", "heic"),
    "avif": Sample(encoded(picture(640, 400), "AVIF", quality=90), "image/avif", "avif"),
}
