"""Files made to hurt whoever reads them, each with the answer that it must get."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pypdf import PdfReader, PdfWriter

from proofs.fuzz import files

if TYPE_CHECKING:
    from collections.abc import Callable

Objects = dict[int, bytes]

ACCEPTED, REFUSED = (200,), (400,)
EITHER = (200, 400)
"""Of what a lenient reader may read and a strict one not."""


@dataclass(frozen=True)
class Hostile:
    """One of them.

    :param make: makes the bytes.
    :param expected: the statuses that are right for a print job of it.
    :param slow: whether it takes until a child has used up its memory or time.
    """

    name: str
    make: Callable[[], bytes]
    expected: tuple[int, ...]
    slow: bool = False


def written(objects: Objects, *, trailer: bytes = b"") -> bytes:
    """Return a PDF of the given objects, the first of which is its catalog."""
    out, places = bytearray(b"%PDF-1.7\n"), {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n"
    for number, place in places.items():
        out += b"%d 1\n%010d 00000 n \n" % (number, place)
    size = max(objects) + 1
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, start)
    return bytes(out)


def page(
    more: bytes = b"", *, box: bytes = b"[0 0 595 842]", catalog: bytes = b"", **objects: bytes
) -> bytes:
    """Return a PDF of one page.

    :param more: what the page has besides its box.
    :param catalog: what the catalog has besides the pages.
    :param objects: further objects, as `n4`.
    """
    made = {
        1: b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox %s %s >>" % (box, more),
    }
    return written(made | {int(name[1:]): body for name, body in objects.items()})


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """Return a stream object."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), entries, data)


def _bomb(chunk: bytes, times: int) -> bytes:
    """Pack a chunk so many times that a few kilobytes unpack to gigabytes, packed twice."""
    packer = zlib.compressobj(9)
    once = packer.compress(chunk) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(chunk) + packer.flush(zlib.Z_FULL_FLUSH)
    return zlib.compress(once + again * times + packer.flush(), 9)


def _content_bomb() -> bytes:
    data = _bomb(b"0 0 m 9 9 l S\n" * 75_000, 1500)
    return page(b"/Contents 4 0 R", n4=stream(data, b"/Filter [/FlateDecode /FlateDecode]"))


def _text_bomb() -> bytes:
    data = _bomb(b"BT /F1 9 Tf (Dear reader) Tj ET\n" * 20_000, 400)
    font = b"/Resources << /Font << /F1 5 0 R >> >>"
    helvetica = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    return page(
        b"/Contents 4 0 R " + font, n4=stream(data, b"/Filter [/FlateDecode /FlateDecode]"), n5=helvetica
    )


def _object_stream_bomb() -> bytes:
    data = _bomb(b" " * 1_000_000, 1500)
    entries = b"/Type /ObjStm /N 1 /First 4 /Filter [/FlateDecode /FlateDecode]"
    return page(b"/Contents 4 0 R", n4=stream(data, entries))


def _laughs(form: Callable[[int], bytes]) -> bytes:
    forms = {
        f"n{number}": stream(
            form(number) * 10,
            b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /XObject << /X %d 0 R >> >>"
            % (number + 1),
        )
        for number in range(5, 15)
    }
    last = stream(b"0 0 5 5 re f\n", b"/Type /XObject /Subtype /Form /BBox [0 0 595 842]")
    return page(
        b"/Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >>", n4=stream(b"/X Do"), **forms, n15=last
    )


def _form_in_itself() -> bytes:
    entries = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >>"
    return page(
        b"/Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >>",
        n4=stream(b"/X Do"),
        n5=stream(b"/X Do", entries),
    )


def _tree(kids: bytes, count: int = 1) -> bytes:
    return written(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count),
            3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
        }
    )


def _deep_tree(levels: int) -> bytes:
    made: Objects = {1: b"<< /Type /Catalog /Pages 2 0 R >>"}
    for number in range(2, levels + 2):
        made[number] = b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (number + 1)
    made[levels + 2] = b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] >>" % (levels + 1)
    return written(made)


def _image(width: int, height: int) -> bytes:
    data = zlib.compress(bytes(width // 8 * 1000), 9)
    entries = (
        b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8"
        b" /Filter /FlateDecode" % (width, height)
    )
    return page(
        b"/Contents 4 0 R /Resources << /XObject << /I 5 0 R >> >>",
        n4=stream(b"595 0 0 842 0 0 cm /I Do"),
        n5=stream(data, entries),
    )


def _png(width: int, height: int) -> bytes:
    """Return a picture that says to have so many pixels and is a few kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width // 8 + 1) * min(height, 2000)), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _encrypted(password: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(files.letters(1))))
    writer.encrypt(user_password=password, owner_password="owner", algorithm="RC4-128")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def _cross_reference_loop() -> bytes:
    whole = page()
    start = whole.rindex(b"xref\n0 1")
    return whole.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev %d" % start)


def _zip_bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("word/document.xml", "w") as document:
            document.write(b"<w:document>")
            for _ in range(200):
                document.write(b" " * 1_000_000)
    return buffer.getvalue()


def _updated(times: int) -> bytes:
    whole = page()
    start = int(whole.rsplit(b"startxref\n", 1)[1].split()[0])
    for _ in range(times):
        here = len(whole)
        whole += b"xref\n0 0\ntrailer\n<< /Size 4 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (
            start,
            here,
        )
        start = here
    return whole


_SCRIPT = b"/OpenAction << /S /JavaScript /JS (while\\(true\\){app.alert\\(1\\)}) >>"
_LAUNCH = b"/OpenAction << /S /Launch /F (/bin/sh) >> /AA << /WC << /S /URI /URI (http://127.0.0.1:1/) >> >>"

HOSTILE = (
    Hostile("content that unpacks to 1.5 GB", _content_bomb, REFUSED, slow=True),
    Hostile("text that unpacks to 250 MB", _text_bomb, REFUSED, slow=True),
    Hostile("object stream that unpacks to 1.5 GB", _object_stream_bomb, REFUSED, slow=True),
    Hostile("forms in forms, ten to the tenth", lambda: _laughs(lambda _n: b"/X Do\n"), REFUSED, slow=True),
    Hostile("form within itself", _form_in_itself, EITHER),
    Hostile("page tree within itself", lambda: _tree(b"2 0 R"), REFUSED),
    Hostile("one page 4,000 times", lambda: _tree(b"3 0 R " * 4000, 4000), EITHER),
    Hostile("100,000 kids", lambda: _tree(b"3 0 R " * 100_000, 100_000), REFUSED),
    Hostile("count of a thousand million", lambda: _tree(b"3 0 R", 10**9), EITHER),
    Hostile("negative count", lambda: _tree(b"3 0 R", -5), EITHER),
    Hostile("page tree 20,000 deep", lambda: _deep_tree(20_000), EITHER),
    Hostile("array 200,000 deep", lambda: page(b"/X " + b"[" * 200_000 + b"]" * 200_000), EITHER),
    Hostile("cross reference to itself", _cross_reference_loop, EITHER),
    Hostile("1,000 updates", lambda: _updated(1000), EITHER),
    Hostile("page as wide as a street", lambda: page(box=b"[0 0 900000 900000]"), REFUSED),
    Hostile("page without an area", lambda: page(b"/CropBox [0 0 0.5 800]"), REFUSED),
    Hostile("picture of 900 megapixels in a page", lambda: _image(30_000, 30_000), EITHER),
    Hostile("picture of 400 megapixels", lambda: _png(20_000, 20_000), REFUSED),
    Hostile("script that never ends", lambda: page(catalog=_SCRIPT), ACCEPTED),
    Hostile("program to be started, page to be visited", lambda: page(catalog=_LAUNCH), ACCEPTED),
    Hostile("encrypted with a password", lambda: _encrypted("secret"), REFUSED),
    Hostile("encrypted without one", lambda: _encrypted(""), REFUSED),
    Hostile("half a file", lambda: files.letters(30)[: len(files.letters(30)) // 2], REFUSED),
    Hostile("header alone", lambda: b"%PDF-1.7\n", REFUSED),
    Hostile("noise behind a header", lambda: b"%PDF-1.7\n" + bytes(range(256)) * 4000, REFUSED),
    Hostile(
        "stream that lies about its length",
        lambda: page(b"/Contents 4 0 R", n4=b"<< /Length 99999999999 >>\nstream\nx\nendstream"),
        EITHER,
    ),
    Hostile("nothing but zeros", lambda: bytes(5_000_000), REFUSED),
    Hostile("Word file that unpacks to 200 MB", _zip_bomb, REFUSED),
    Hostile("RTF of open braces", lambda: b"{\\rtf1" + b"{" * 500_000, EITHER),
)
