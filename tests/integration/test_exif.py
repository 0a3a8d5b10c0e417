"""Metadata of pictures as cameras of several makers write them: put in by exiftool, held against what it reads."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from media_client import make_album, upload
from picture_files import jpeg
from sluice_client import Sluice

# Each as such a camera lays it out: byte order, how exact its fractions are, which tags it writes at all.
CAMERAS: dict[str, list[str]] = {
    "canon": [
        "-ExifByteOrder=II", "-Make=Canon", "-Model=Canon EOS R5", "-LensModel=RF24-70mm F2.8 L IS USM",
        "-DateTimeOriginal=2023:07:14 18:02:33", "-SubSecTimeOriginal=47", "-OffsetTimeOriginal=+02:00",
        "-ExposureTime=1/640", "-FNumber=2.8", "-ISO=400", "-FocalLength=51", "-Orientation#=1",
    ],
    "nikon": [
        "-ExifByteOrder=MM", "-Make=NIKON CORPORATION", "-Model=NIKON D850", "-LensModel=",
        "-LensInfo=24 70 2.8 2.8", "-DateTimeOriginal=2019:02:28 23:59:59", "-SubSecTimeOriginal=05",
        "-ExposureTime=10/2500", "-FNumber=80/10", "-ISO=64", "-FocalLength=700/10", "-Orientation#=8",
    ],
    "apple": [
        "-ExifByteOrder=MM", "-Make=Apple", "-Model=iPhone 15 Pro",
        "-LensModel=iPhone 15 Pro back triple camera 6.765mm f/1.78",
        "-DateTimeOriginal=2024:10:27 02:30:00", "-SubSecTimeOriginal=123", "-OffsetTimeOriginal=-07:00",
        "-ExposureTime=1/121", "-FNumber=1.779999971", "-ISO=80", "-FocalLength=6.764999866", "-Orientation#=6",
        "-GPSLatitude=37.3318", "-GPSLatitudeRef=N", "-GPSLongitude=122.0312", "-GPSLongitudeRef=W",
        "-GPSAltitude=57.25", "-GPSAltitudeRef#=0",
    ],
    "sony": [
        "-ExifByteOrder=II", "-Make=SONY", "-Model=ILCE-7M4", "-LensModel=FE 35mm F1.8",
        "-DateTimeOriginal=2022:01:01 00:00:00", "-ExposureTime=30", "-FNumber=22", "-ISO=204800",
        "-FocalLength=35", "-Orientation#=3",
    ],
    "fujifilm": [
        "-ExifByteOrder=II", "-Make=FUJIFILM", "-Model=X-T5", "-LensModel=XF16-55mmF2.8 R LM WR",
        "-DateTimeOriginal=2023:12:24 17:00:00", "-OffsetTimeOriginal=+09:00", "-ExposureTime=1/8000",
        "-FNumber=5.6", "-ISO=12800", "-FocalLength=16",
        "-GPSLatitude=33.8688", "-GPSLatitudeRef=S", "-GPSLongitude=151.2093", "-GPSLongitudeRef=E",
        "-GPSAltitude=3", "-GPSAltitudeRef#=1",
    ],
    "google": [
        "-ExifByteOrder=II", "-Make=Google", "-Model=Pixel 8", "-DateTimeOriginal=2024:02:29 12:00:00",
        "-SubSecTimeOriginal=987654", "-OffsetTimeOriginal=+00:00", "-ExposureTime=0.010047", "-FNumber=1.68",
        "-ISO=55", "-FocalLength=6.9",
    ],
    "scanner": ["-ExifByteOrder=MM", "-Make=EPSON", "-ModifyDate=2001:01:01 01:01:01"],
}  # fmt: skip

# Sluice's field, and what exiftool calls it.
SAME: dict[str, str] = {
    "camera_make": "Make", "camera_model": "Model", "lens": "LensModel", "exposure_s": "ExposureTime",
    "aperture": "FNumber", "iso": "ISO", "focal_length_mm": "FocalLength", "orientation": "Orientation",
}  # fmt: skip


def _exiftool(*arguments: str) -> str:
    command = ["exiftool", "-charset", "utf8", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


@pytest.fixture
def photo(tmp_path: Path) -> Callable[[str], tuple[bytes, dict[str, Any]]]:
    """A photo of a camera, and what exiftool reads in it."""

    def make(camera: str) -> tuple[bytes, dict[str, Any]]:
        path = tmp_path / f"{camera}.jpg"
        path.write_bytes(jpeg(64, 48))
        _exiftool("-q", "-overwrite_original", *CAMERAS[camera], str(path))
        return path.read_bytes(), json.loads(_exiftool("-json", "-n", "-EXIF:all", str(path)))[0]

    return make


def _taken_at(tags: dict[str, Any]) -> str:
    date, _, time = str(tags.get("DateTimeOriginal", tags.get("ModifyDate"))).partition(" ")
    fraction = str(tags["SubSecTimeOriginal"]) if "SubSecTimeOriginal" in tags else ""
    return f"{date.replace(':', '-')}T{time}{'.' if fraction else ''}{fraction}{tags.get('OffsetTimeOriginal', '')}"


def _place(tags: dict[str, Any]) -> dict[str, Any]:
    """exiftool's own numbers of the EXIF block have no signs: those are in the Ref tags."""
    south, west = tags["GPSLatitudeRef"] == "S", tags["GPSLongitudeRef"] == "W"
    return {
        "latitude": pytest.approx(-tags["GPSLatitude"] if south else tags["GPSLatitude"], abs=1e-6),
        "longitude": pytest.approx(-tags["GPSLongitude"] if west else tags["GPSLongitude"], abs=1e-6),
        "altitude_m": pytest.approx(-tags["GPSAltitude"] if tags["GPSAltitudeRef"] == 1 else tags["GPSAltitude"]),
    }


@pytest.mark.parametrize("camera", CAMERAS)
def test_fields_are_those_that_the_camera_wrote(
    api: Sluice, photo: Callable[[str], tuple[bytes, dict[str, Any]]], camera: str
) -> None:
    data, tags = photo(camera)
    metadata = upload(api, make_album(api), data)["metadata"]
    expected: dict[str, Any] = {}
    for field, name in SAME.items():
        if tags.get(name) not in (None, ""):
            value = tags[name]
            expected[field] = pytest.approx(value, rel=1e-4) if isinstance(value, int | float) else value
    expected["taken_at"] = _taken_at(tags)
    if "GPSLatitude" in tags:
        expected["gps"] = _place(tags)
    assert metadata == expected
