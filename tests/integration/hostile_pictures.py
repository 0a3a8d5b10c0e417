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


def exif_loop() -> bytes:
    """Folders that point at each other, with counts beyond the end: who follows them all never comes back."""
    loop = [
        (0x8769, 4, 1, 8),
        (0x8825, 4, 1, 8),
        (0xA005, 4, 1, 8),
        (0x010F, 2, 0xFFFFFFFF, 8),
        (0x927C, 7, 0xFFFFFF, 9),
    ]
    return tiff(loop * 400, after=8)


def exif_of_copies() -> bytes:
    """Entries that all have the whole block as their value."""
    return tiff([(0x9286, 7, 60_000, 8)] * 4000).ljust(64_000, b"\0")


def jpeg_with(*segments: tuple[int, bytes]) -> bytes:
    """A good picture with these (marker, content) before everything else."""
    plain = bytes_of(scene(), "JPEG")
    parts = [bytes((0xFF, marker)) + struct.pack(">H", len(content) + 2) + content for marker, content in segments]
    return plain[:2] + b"".join(parts) + plain[2:]


def png_with(*chunks: bytes) -> bytes:
    return png(64, 64, *chunks, idat((b"\0" + bytes(64 * 3)) * 64))


def webp_with(name: bytes, content: bytes) -> bytes:
    """An extended WebP with one more part; its flags (the first byte) say that there is one."""
    picture = bytes_of(scene(), "WEBP")[12:]
    flags = {b"EXIF": 8, b"XMP ": 4, b"ICCP": 32}[name]
    size = (640 - 1).to_bytes(3, "little") + (424 - 1).to_bytes(3, "little")
    head = b"VP8X" + struct.pack("<I", 10) + bytes((flags, 0, 0, 0)) + size
    part = name + struct.pack("<I", len(content)) + content + bytes(len(content) & 1)
    body = head + part + picture if name == b"ICCP" else head + picture + part
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def tiff_of_tags(pages: int, tags: int) -> bytes:
    """Folders of so many tags; libtiff compares each with all others."""
    size = 2 + tags * 12 + 4
    content = bytearray(b"II*\0\x08\0\0\0")
    for page in range(pages):
        entries = [(256, 4, 1, 64), (257, 4, 1, 64), (258, 3, 1, 8), (262, 3, 1, 1), (273, 4, 1, 8), (279, 4, 1, 4096)]
        entries += [(40_000 + number % 20_000, 3, 1, 0) for number in range(tags - len(entries))]
        content += struct.pack("<H", tags) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
        content += struct.pack("<I", 8 + (page + 1) * size if page + 1 < pages else 0)
    return bytes(content)


def icc_bomb() -> bytes:
    """A profile of 8 MB that is none, compressed to almost nothing."""
    profile = png_chunk(b"iCCP", b"bomb\0\0" + zlib.compress(bytes(8 << 20), 9))
    return png(64, 64, profile, idat((b"\0" + bytes(64 * 3)) * 64))


def text_bomb() -> bytes:
    text = png_chunk(b"zTXt", b"bomb\0\0" + zlib.compress(b"a" * (64 << 20), 9))
    return png(64, 64, *[text] * 20, idat((b"\0" + bytes(64 * 3)) * 64))


def many_texts() -> bytes:
    """As many as libpng keeps, each as large as it unpacks."""
    text = png_chunk(b"zTXt", b"bomb\0\0" + zlib.compress(b"a" * 7_900_000, 9))
    return png_with(*[text] * 900)


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


# The same for what lies beside the pixels; none of these may cost time.
BESIDE_PIXELS: dict[str, tuple[set[str], Callable[[], bytes]]] = {
    "text-bomb.png": ({FAILED}, text_bomb),
    "many-texts.png": ({FAILED}, many_texts),
    "international-text.png": (
        {FAILED}, lambda: png_with(*[png_chunk(b"iTXt", b"b\0\1\0\0\0" + zlib.compress(bytes(8 << 20), 9))] * 50),
    ),
    "huge-text.png": ({FAILED}, lambda: png_with(*[png_chunk(b"tEXt", b"b\0" + bytes(7 << 20))] * 5)),
    "exif-loop.jpg": ({OK}, lambda: jpeg_with((0xE1, b"Exif\0\0" + exif_loop()))),
    "exif-of-copies.jpg": ({OK}, lambda: jpeg_with((0xE1, b"Exif\0\0" + exif_of_copies()))),
    "exif-loop.png": ({OK}, lambda: png_with(png_chunk(b"eXIf", exif_loop()))),
    "exif-loop.webp": ({OK}, lambda: webp_with(b"EXIF", exif_loop())),
    "exif-loop.heic": ({OK}, lambda: bytes_of(scene(), "HEIF", exif=b"Exif\0\0" + exif_loop())),
    "exif-loop.avif": ({OK}, lambda: bytes_of(scene(), "AVIF", exif=b"Exif\0\0" + exif_loop())),
    "exif-loop.tif": ({FAILED}, exif_loop),
    "huge-xmp.webp": ({FAILED}, lambda: webp_with(b"XMP ", bytes(33 << 20))),
    "huge-profile.webp": ({FAILED}, lambda: webp_with(b"ICCP", bytes(33 << 20))),
    "many-segments.jpg": ({FAILED}, lambda: jpeg_with(*[(0xED, b"")] * 5000)),
    "huge-segments.jpg": ({FAILED}, lambda: jpeg_with(*[(0xE2, bytes(65_000))] * 600)),
    "many-tags.tif": ({FAILED}, lambda: tiff_of_tags(1, 65_000)),
    "many-tags-and-pages.tif": ({FAILED}, lambda: tiff_of_tags(900, 500)),
    "some-tags-and-pages.tif": ({FAILED}, lambda: tiff_of_tags(900, 70)),
    "tags-and-pages.tif": ({OK}, lambda: tiff_of_tags(900, 36)),
    "huge-profile.tif": ({FAILED}, lambda: tiff([(256, 4, 1, 64), (34675, 7, 40 << 20, 8)]) + bytes(40 << 20)),
}  # fmt: skip
HOSTILE |= BESIDE_PIXELS


def many_frames(frames: int, side: int = 8) -> bytes:
    """By hand, because encoders join frames that are alike: each is one pixel."""
    head = b"GIF89a" + struct.pack("<HH", side, side) + b"\x80\0\0\0\0\0\xff\xff\xff"
    frame = b"\x21\xf9\x04\0\x05\0\0\0" + b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x4c\x01\0"
    return head + frame * frames + b";"
