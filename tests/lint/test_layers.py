"""The layers of the architecture, and one module for each foreign API."""

from fnmatch import fnmatch
from pathlib import Path

from sources import LAYERS, c_files, includes, relative

# A layer may include itself and these.
MAY_INCLUDE = {
    "common": (),
    "api": ("common",),
    "processor": ("common",),
    "decoder": ("common",),
    "cli": ("common",),
}

# Foreign headers (by prefix) and the only files that may know them.
FOREIGN = {
    "libpq-fe.h": ("common/db*.c", "common/db_*.h"),
    "hiredis/": ("common/redis*.c", "common/redis_*.h"),
    "curl/": ("common/http_client*.c", "common/http_handle.c", "common/http_handle.h"),
    "civetweb.h": ("api/http_*.c", "common/metrics_server.c"),
    "vips/": ("decoder/vips_*.c", "decoder/vips_open.h"),
    "libexif/": (
        "decoder/exif.c",
        "decoder/exif_guard.c",
    ),
    "turbojpeg.h": ("decoder/planar_jpeg.c", "decoder/planar_rgb.c"),
    "webp/": ("decoder/planar_webp.c", "decoder/webp.c"),
    "lcms2.h": ("decoder/planar_profile.c",),
    "expat.h": ("common/s3_xml.c",),
    "cjose/": ("api/jwt_keys.c",),
    "jansson.h": ("common/json.c", "common/json.h"),
    "openssl/": ("common/crypto.c", "common/encode.c", "common/redis_tls.c", "api/http_tls.c"),
    "seccomp.h": ("decoder/sandbox.c",),
}


def test_a_layer_includes_only_what_lies_below_it() -> None:
    wrong = []
    for path in c_files():
        layer = relative(path).split("/")[0]
        for line, name in includes(path):
            target = name.split("/")[0]
            if target in LAYERS and target != layer and target not in MAY_INCLUDE[layer]:
                wrong.append(f"{relative(path)}:{line}: {layer} must not include {name}")
    assert not wrong, "\n".join(wrong)


def test_project_headers_are_named_from_the_root() -> None:
    wrong = []
    for path in c_files():
        here = {header.name for header in path.parent.glob("*.h")}
        wrong += [
            f"{relative(path)}:{line}: write {path.parent.name}/{name}" for line, name in includes(path) if name in here
        ]
    assert not wrong, "\n".join(wrong)


def _is_home(path: Path, header: str) -> bool:
    return any(fnmatch(relative(path), home) for home in FOREIGN[header])


def test_each_foreign_header_is_known_to_one_module() -> None:
    wrong = []
    for path in c_files():
        for line, name in includes(path):
            for header in FOREIGN:
                if name.startswith(header) and not _is_home(path, header):
                    wrong.append(f"{relative(path)}:{line}: {name} belongs in {' or '.join(FOREIGN[header])}")
    assert not wrong, "\n".join(wrong)


def test_a_header_that_shows_a_foreign_one_stays_in_its_module() -> None:
    """Otherwise the foreign API would leak through it. json.h is the one that is meant to: json_t is its currency."""
    shown = {
        relative(path): header
        for path in c_files()
        for _, name in includes(path)
        for header in FOREIGN
        if path.suffix == ".h" and name.startswith(header) and relative(path) != "common/json.h"
    }
    wrong = []
    for path in c_files():
        for line, name in includes(path):
            if name in shown and not _is_home(path, shown[name]):
                wrong.append(f"{relative(path)}:{line}: {name} shows {shown[name]}")
    assert not wrong, "\n".join(wrong)
