"""Variants of pictures of every format against Pillow: size, orientation, colour, and no metadata kept."""

import io
from pathlib import Path

import pytest
from decode import decode
from pictures import ANIMATED, FORMATS, HEIGHT, ORIENTATION, WIDTH, bytes_of, difference, expected, png_16, scene, write
from PIL import Image

VARIANTS = "small:96:webp:90,medium:320:webp:90,full:5000:webp:90"
MEAN, HIGH = 3.0, 16.0  # of 255; lossy twice, and two resamplers


def _variant(result: dict, name: str) -> Image.Image:
    path = next(variant["path"] for variant in result["variants"] if variant["name"] == name)
    picture = Image.open(path)
    picture.load()
    return picture


def _size(side: int, width: int, height: int) -> tuple[int, int]:
    longest = max(width, height)
    side = min(side, longest)
    return max(1, int(width * side / longest + 0.5)), max(1, int(height * side / longest + 0.5))


def _assert_looks(actual: Image.Image, content: bytes) -> None:
    mean, high = difference(actual, expected(content, *actual.size))
    assert mean <= MEAN and high <= HIGH, f"mean {mean:.1f}, 99th percentile {high:.1f}"


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "16-bit.png"])
def test_every_format(tmp_path: Path, name: str) -> None:
    media_type, make = FORMATS[name]
    content = make()
    (result,) = decode(tmp_path, VARIANTS, write(tmp_path, name, content))
    assert result["code"] == "OK", result
    assert (result["type"], result["width"], result["height"]) == (media_type, WIDTH, HEIGHT)
    assert result["frames"] == (3 if name in ANIMATED else 1)
    assert len(result["thumbhash"]) >= 20
    for variant, side in (("full", 5000), ("medium", 320), ("small", 96)):
        picture = _variant(result, variant)
        assert picture.size == _size(side, WIDTH, HEIGHT)
        _assert_looks(picture, content)


def test_16_bits(tmp_path: Path) -> None:
    """Pillow reads no colour of 16 bits; the picture is the same one."""
    (result,) = decode(tmp_path, VARIANTS, write(tmp_path, "16.png", png_16()))
    _assert_looks(_variant(result, "medium"), FORMATS["plain.png"][1]())


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "TIFF", "PNG"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation(tmp_path: Path, form: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    content = bytes_of(scene(), form, exif=exif)
    (result,) = decode(tmp_path, VARIANTS, write(tmp_path, "turned", content))
    width, height = (HEIGHT, WIDTH) if orientation >= 5 else (WIDTH, HEIGHT)
    assert (result["width"], result["height"]) == (width, height)
    assert result["metadata"]["orientation"] == orientation
    for variant, side in (("full", 5000), ("small", 96)):
        picture = _variant(result, variant)
        assert picture.size == _size(side, width, height)
        _assert_looks(picture, content)


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_orientations_that_there_are_not(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    content = bytes_of(scene(), "JPEG", exif=exif)
    (result,) = decode(tmp_path, VARIANTS, write(tmp_path, "odd.jpg", content))
    assert (result["code"], result["width"], result["height"]) == ("OK", WIDTH, HEIGHT)
    assert "orientation" not in result["metadata"]
    _assert_looks(_variant(result, "medium"), bytes_of(scene(), "JPEG"))


def test_cmyk(tmp_path: Path) -> None:
    """There is no one right way from ink to light without a profile: white, black and hues must be what they are."""
    inks = {(0, 0, 0, 0): "white", (0, 0, 0, 255): "black", (255, 0, 0, 0): "cyan", (0, 255, 255, 0): "red"}
    picture = Image.new("CMYK", (400, 100))
    for i, ink in enumerate(inks):
        picture.paste(ink, (i * 100, 0, i * 100 + 100, 100))
    (result,) = decode(tmp_path, VARIANTS, write(tmp_path, "cmyk.jpg", bytes_of(picture, "JPEG", quality=95)))
    assert result["code"] == "OK", result
    shown = _variant(result, "full").convert("RGB")
    white, black, cyan, red = (shown.getpixel((i * 100 + 50, 50)) for i in range(4))
    assert min(white) > 245
    assert max(black) < 70
    assert cyan[0] < 100 and cyan[1] > 120 and cyan[2] > 180
    assert red[0] > 180 and red[1] < 90 and red[2] < 90


def test_no_metadata_is_kept(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[ORIENTATION] = "Maker", 6
    exif.get_ifd(0x8825).update({1: "N", 2: (1.0, 2.0, 3.0), 3: "E", 4: (4.0, 5.0, 6.0)})
    content = bytes_of(scene(), "JPEG", exif=exif, xmp=b"<x:xmpmeta>secret</x:xmpmeta>", comment=b"secret")
    path = write(tmp_path, "meta.jpg", content)
    (result,) = decode(tmp_path, "w:300,a:300:avif,j:300:jpeg", path)
    assert result["code"] == "OK", result
    assert result["metadata"]["gps"]["latitude"] == pytest.approx(1 + 2 / 60 + 3 / 3600)
    for variant in result["variants"]:
        made = Path(variant["path"]).read_bytes()
        assert b"secret" not in made and b"Maker" not in made and b"Exif\0" not in made
        picture = Image.open(io.BytesIO(made))
        assert not picture.getexif() and "icc_profile" not in picture.info and "xmp" not in picture.info
        _assert_looks(picture, content)
    (result,) = decode(tmp_path, "w:300", path, KEEP_GPS="false")
    assert result["metadata"] == {"camera_make": "Maker", "orientation": 6}


def test_transparency_is_kept_or_put_on_white(tmp_path: Path) -> None:
    content = FORMATS["alpha.png"][1]()
    (result,) = decode(tmp_path, "w:300:webp:95,a:300:avif:90,j:300:jpeg:95", write(tmp_path, "alpha.png", content))
    for name in ("w", "a"):
        picture = _variant(result, name)
        assert picture.mode == "RGBA"
        _assert_looks(picture, content)
    flat = expected(content, *_size(300, WIDTH, HEIGHT))
    white = Image.new("RGBA", flat.size, "white")
    white.alpha_composite(flat)
    picture = _variant(result, "j")
    assert picture.mode == "RGB"
    mean, high = difference(picture, white)
    assert mean <= MEAN and high <= HIGH


def test_large_jpegs_are_decoded_small(tmp_path: Path) -> None:
    """24 MP for 100 px: at an eighth of its size, so that it takes little memory and looks right all the same."""
    content = bytes_of(scene().resize((6000, 4000), Image.Resampling.BICUBIC), "JPEG", quality=90)
    (result,) = decode(tmp_path, "tiny:100", write(tmp_path, "large.jpg", content))
    assert _variant(result, "tiny").size == (100, 67)
    _assert_looks(_variant(result, "tiny"), content)


def test_one_pixel(tmp_path: Path) -> None:
    (result,) = decode(tmp_path, VARIANTS, write(tmp_path, "1.png", bytes_of(Image.new("RGB", (1, 1), "red"), "PNG")))
    assert [(variant["width"], variant["height"]) for variant in result["variants"]] == [(1, 1)] * 3


def test_no_variants(tmp_path: Path) -> None:
    (result,) = decode(tmp_path, "", write(tmp_path, "p.jpg", bytes_of(scene(), "JPEG")))
    assert (result["code"], result["variants"], result["width"]) == ("OK", [], WIDTH)
    assert result["thumbhash"]
