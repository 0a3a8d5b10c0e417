"""Pictures that are meant to hurt their decoder: bombs, lies about sizes, other formats under a picture's name."""

import struct
import zlib
from collections.abc import Callable

from pictures import animation, bytes_of, heif, scene, with_alpha
from PIL import Image

SVG = (
    b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY x SYSTEM "file:///etc/passwd">]><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
    b"<text>&b;&x;</text></svg>"
)
MVG = b"push graphic-context\nviewbox 0 0 640 480\nimage over 0,0 0,0 'https://127.0.0.1/x.png'\npop graphic-context"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF"
JPEG_START = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0"


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *chunks: bytes, bits: int = 8, colour: int = 2, interlace: int = 0) -> bytes:
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, interlace))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + png_chunk(b"IEND", b"")


def idat(raw: bytes) -> bytes:
    return png_chunk(b"IDAT", zlib.compress(raw, 9))


def jpeg_header_only(width: int, height: int) -> bytes:
    """As large as JPEG can say, and not a pixel behind it."""
    sof = b"\xff\xc0\0\x11\x08" + struct.pack(">HH", height, width) + b"\x03\x01\x22\0\x02\x11\x01\x03\x11\x01"
    return JPEG_START + sof + b"\xff\xda\0\x0c\x03\x01\0\x02\x11\x03\x11\0\x3f\0"


def tiff(entries: list[tuple[int, int, int, int]], after: int = 0, tail: bytes = b"") -> bytes:
    """One folder of (tag, type, count, value) with the next one at `after`."""
    folder = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0\x08\0\0\0" + folder + struct.pack("<I", after) + tail


def tiff_of(width: int, height: int, after: int = 0) -> bytes:
    entries = [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, 1, 200),
    ]
    entries += [(277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, width * height & 0xFFFFFFFF)]
    content = tiff(entries, after)
    return content.ljust(200, b"\0") + bytes(min(width * height, 4096))


def exif_bomb() -> bytes:
    """Folders that point at each other, with counts beyond the end."""
    loop = [
        (0x8769, 4, 1, 8),
        (0x8825, 4, 1, 8),
        (0xA005, 4, 1, 8),
        (0x010F, 2, 0xFFFFFFFF, 8),
        (0x927C, 7, 0xFFFFFF, 9),
    ]
    block = b"Exif\0\0" + tiff(loop * 400, after=8)
    plain = bytes_of(scene(), "JPEG")
    segment = b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block
    return plain[:2] + segment + plain[2:]


def icc_bomb() -> bytes:
    """A profile of 8 MB that is none, compressed to almost nothing."""
    profile = png_chunk(b"iCCP", b"bomb\0\0" + zlib.compress(bytes(8 << 20), 9))
    return png(64, 64, profile, idat((b"\0" + bytes(64 * 3)) * 64))


def text_bomb() -> bytes:
    text = png_chunk(b"zTXt", b"bomb\0\0" + zlib.compress(b"a" * (64 << 20), 9))
    return png(64, 64, *[text] * 20, idat((b"\0" + bytes(64 * 3)) * 64))


def deflate_bomb(side: int) -> bytes:
    """All black, almost no bytes, exactly as many pixels as are allowed."""
    packer = zlib.compressobj(9)
    row = b"\0" + bytes(side * 3)
    raw = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    return png(side, side, png_chunk(b"IDAT", raw))


def cut(content: bytes, share: float) -> bytes:
    return content[: int(len(content) * share)]


OK, FAILED, UNSUPPORTED = "OK", "DECODE_FAILED", "UNSUPPORTED_TYPE"
PIXELS, FRAMES, MEMORY, TIMEOUT = "TOO_MANY_PIXELS", "TOO_MANY_FRAMES", "DECODER_MEMORY", "DECODER_TIMEOUT"

# Name, what it may end as, how it is made.
HOSTILE: dict[str, tuple[set[str], Callable[[], bytes]]] = {
    "empty": ({UNSUPPORTED}, lambda: b""),
    "svg.png": ({UNSUPPORTED}, lambda: SVG),
    "pdf.jpg": ({UNSUPPORTED}, lambda: PDF),
    "mvg.gif": ({UNSUPPORTED}, lambda: MVG),
    "ps.jpg": ({UNSUPPORTED}, lambda: b"%!PS-Adobe-3.0\n(%pipe%id) (r) file"),
    "bmp.jpg": ({UNSUPPORTED}, lambda: bytes_of(scene(), "BMP")),
    "100k-header.png": ({PIXELS}, lambda: png(100_000, 100_000, idat(b"\0" * 100))),
    "100k-header.tif": ({PIXELS}, lambda: tiff_of(100_000, 100_000)),
    "65k-header.jpg": ({PIXELS}, lambda: jpeg_header_only(65_500, 65_500)),
    "2g-header.png": ({PIXELS, FAILED}, lambda: png(2**31 - 1, 2**31 - 1, idat(b"\0"))),
    "0-header.png": ({FAILED}, lambda: png(0, 0, idat(b"\0"))),
    "1x65535.png": ({OK}, lambda: bytes_of(Image.new("RGB", (1, 65_535), "red"), "PNG")),
    "65000x1.jpg": ({OK}, lambda: bytes_of(Image.new("RGB", (65_000, 1), "red"), "JPEG")),
    "bomb-49mp.png": ({OK}, lambda: deflate_bomb(7000)),
    "bomb-interlaced.png": ({OK, FAILED, MEMORY}, lambda: png(7000, 7000, idat(bytes(1 << 20)), interlace=1)),
    "bomb-16-bit-alpha.png": ({FAILED}, lambda: png(7000, 7000, idat(bytes(1 << 24)), bits=16, colour=6)),
    "icc-bomb.png": ({OK, FAILED}, icc_bomb),
    "text-bomb.png": ({OK, FAILED, TIMEOUT}, text_bomb),
    "exif-bomb.jpg": ({OK, TIMEOUT}, exif_bomb),
    "10k-frames.gif": ({FRAMES}, lambda: many_frames(10_000)),
    "pixels-by-frames.gif": ({PIXELS}, lambda: many_frames(900, side=240)),
    "1000-frames.gif": ({OK}, lambda: many_frames(1000)),
    "truncated.jpg": ({FAILED}, lambda: cut(bytes_of(scene(), "JPEG"), 0.5)),
    "truncated-header.jpg": ({FAILED}, lambda: bytes_of(scene(), "JPEG")[:30]),
    "truncated.png": ({FAILED}, lambda: cut(bytes_of(scene(), "PNG"), 0.5)),
    "truncated.gif": ({OK, FAILED}, lambda: cut(bytes_of(scene().quantize(64), "GIF"), 0.5)),
    "truncated.webp": ({FAILED}, lambda: cut(bytes_of(scene(), "WEBP"), 0.5)),
    "truncated.tif": ({FAILED}, lambda: cut(bytes_of(scene(), "TIFF"), 0.5)),
    "truncated.heic": ({FAILED}, lambda: cut(heif(), 0.5)),
    "truncated.avif": ({FAILED}, lambda: cut(bytes_of(scene(), "AVIF"), 0.5)),
    "truncated-animation.webp": ({OK, FAILED}, lambda: cut(animation("WEBP"), 0.6)),
    "loop.tif": ({OK, FAILED, FRAMES}, lambda: tiff_of(64, 64, after=8)),
    "no-entries.tif": ({FAILED}, lambda: tiff([], after=8)),
    "wild-offsets.tif": ({FAILED}, lambda: tiff([(256, 4, 1, 64), (257, 4, 1, 64), (273, 4, 2**30, 2**31)], 2**31)),
    "jpeg-then-zip.jpg": ({OK}, lambda: bytes_of(scene(), "JPEG") + b"PK\3\4" + bytes(500)),
    "gif-and-script.gif": ({FAILED, OK}, lambda: b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)//"),
    "png-and-html.png": ({OK}, lambda: bytes_of(with_alpha(), "PNG") + b"<script>alert(1)</script>"),
    "webp-and-nothing.webp": ({FAILED}, lambda: b"RIFF\xff\xff\xff\xffWEBPVP8X" + bytes(30)),
    "heic-and-nothing.heic": ({FAILED}, lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200)),
    "avif-grid.avif": ({OK, FAILED}, lambda: bytes_of(scene(2600, 1800), "AVIF", quality=40, speed=10)),
}  # fmt: skip


def many_frames(frames: int, side: int = 8) -> bytes:
    """By hand, because encoders join frames that are alike: each is one pixel."""
    head = b"GIF89a" + struct.pack("<HH", side, side) + b"\x80\0\0\0\0\0\xff\xff\xff"
    frame = b"\x21\xf9\x04\0\x05\0\0\0" + b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x4c\x01\0"
    return head + frame * frames + b";"
