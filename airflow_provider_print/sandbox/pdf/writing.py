"""New PDFs from old ones: merged, cut, laid on a page, with an address. Runs in the worker.

pdfium copies pages; it keeps fonts and pictures shared. Putting something under or over a page is done by
pypdf, which wraps the content of the page without touching it: pdfium would write it anew and lose gradients
and clipping on the way. pypdf only ever sees what pdfium has read and written anew.
"""

from __future__ import annotations

import io

import pypdfium2
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    PdfObject,
    RectangleObject,
    StreamObject,
)

from airflow_provider_print.sandbox.pdf import typeset
from airflow_provider_print.sandbox.pdf.errors import UnreadableFile
from airflow_provider_print.sandbox.pdf.geometry import (
    MM,
    Box,
    Matrix,
    chain,
    inverse,
    upright_matrix,
    upright_size,
)
from airflow_provider_print.sandbox.pdf.pages import straighten
from airflow_provider_print.sandbox.pdf.reading import MAX_PAGES, open_for_reading, open_pdf

_NAME = "/PrintSandbox"


def merge(parts: list[bytes]) -> bytes:
    """Put PDFs one behind the other."""
    target = pypdfium2.PdfDocument.new()
    for number, part in enumerate(parts, 1):
        try:
            source = open_pdf(part)
        except UnreadableFile as error:
            raise UnreadableFile(error.reason, f"File {number}: {error}") from None
        if len(target) + len(source) > MAX_PAGES:
            raise UnreadableFile("too large", f"The files have more than {MAX_PAGES} pages together.")
        _import(target, source, None)
        source.close()
    return _saved(target)


def extract(data: bytes, pages: list[int]) -> bytes:
    """Return a PDF of the given pages, counted from 0, in the given order."""
    source = open_for_reading(data)
    for index in pages:
        if not 0 <= index < len(source):
            raise UnreadableFile("broken", f"The PDF has no page {index + 1}.")
    target = pypdfium2.PdfDocument.new()
    _import(target, source, pages)
    return _saved(target)


def lay_under(data: bytes, first: bytes | None, other: bytes | None) -> bytes:
    """Lay the first page of `first` under page 1, and that of `other` under all other pages."""
    writer = _writer(data)
    layers = [_Layer(writer, part) if part is not None else None for part in (first, other)]
    for number, page in enumerate(writer.pages):
        layer = layers[min(number, 1)]
        if layer is not None:
            _wrap(writer, page, before=layer.show(page), after=b"", form=layer.form)
    return _written(writer)


def stamp_address(data: bytes, lines: list[str], window: str, code: str) -> bytes:
    """Print address lines into the window of page 1, and a code along its left edge."""
    writer = _writer(data)
    page = writer.pages[0]
    size = upright_size(_box(page), page.rotation)
    layer = _Layer(writer, typeset.address_overlay(size, lines, window, code))
    _wrap(writer, page, before=b"", after=layer.show(page), form=layer.form)
    return _written(writer)


def nudge(data: bytes, x_mm: float, y_mm: float, first_only: bool) -> bytes:
    """Move the content of every page, or of the first one: `x_mm` to the right, `y_mm` down."""
    writer = _writer(data)
    for page in writer.pages[:1] if first_only else writer.pages:
        upright = upright_matrix(_box(page), page.rotation)
        moved = chain(chain(inverse(upright), (1, 0, 0, 1, x_mm * MM, -y_mm * MM)), upright)
        _wrap(writer, page, before=b"", after=b"", matrix=moved)
    return _written(writer)


class _Layer:
    """The first page of a PDF as something that can be shown on many pages.

    :param writer: where it will be shown
    :param data: a PDF
    """

    def __init__(self, writer: PdfWriter, data: bytes) -> None:
        page = PdfReader(io.BytesIO(_clean(data, [0]))).pages[0]
        straighten(page)
        self._box, turn = _box(page), page.rotation
        self._size = upright_size(self._box, turn)
        self._to_upright = inverse(upright_matrix(self._box, turn))
        form = StreamObject()
        contents = page.get_contents()
        form.set_data(contents.get_data() if contents is not None else b"")
        form = form.flate_encode()
        form.update(
            {
                NameObject("/Type"): NameObject("/XObject"),
                NameObject("/Subtype"): NameObject("/Form"),
                NameObject("/BBox"): RectangleObject(self._box),
                NameObject("/Resources"): page.get("/Resources", DictionaryObject()),
            }
        )
        if "/Group" in page:
            form[NameObject("/Group")] = page["/Group"]
        self.form: PdfObject = writer._add_object(form.clone(writer))

    def show(self, page: PageObject) -> bytes:
        """Return the content that shows this layer on a page, stretched to its size."""
        box = _box(page)
        width, height = upright_size(box, page.rotation)
        scale: Matrix = (width / self._size[0], 0.0, 0.0, height / self._size[1], 0.0, 0.0)
        matrix = chain(chain(self._to_upright, scale), upright_matrix(box, page.rotation))
        return b"q " + _cm(matrix) + b" " + _NAME.encode() + b" Do Q\n"


def _wrap(
    writer: PdfWriter,
    page: PageObject,
    *,
    before: bytes,
    after: bytes,
    form: PdfObject | None = None,
    matrix: Matrix | None = None,
) -> None:
    """Add content before and after that of a page, which itself stays as it is."""
    name = _NAME.encode()
    if form is not None:
        resources = DictionaryObject(_resolved(page.get("/Resources")))
        forms = DictionaryObject(_resolved(resources.get("/XObject")))
        number = sum(1 for key in forms if key.startswith(_NAME))
        name = f"{_NAME}{number}".encode()
        forms[NameObject(name.decode())] = form
        resources[NameObject("/XObject")] = forms
        page[NameObject("/Resources")] = resources
    before, after = (part.replace(_NAME.encode() + b" ", name + b" ") for part in (before, after))
    start = before + b"q " + (_cm(matrix) if matrix else b"") + b"\n"
    contents = page.get("/Contents")
    old = contents.get_object() if contents is not None else None
    parts = list(old) if isinstance(old, ArrayObject) else [contents] if contents is not None else []
    page[NameObject("/Contents")] = ArrayObject(
        [_stream(writer, start), *parts, _stream(writer, b"\nQ\n" + after)]
    )


def _stream(writer: PdfWriter, data: bytes) -> IndirectObject:
    stream = StreamObject()
    stream.set_data(data)
    return writer._add_object(stream)


def _resolved(value: PdfObject | None) -> DictionaryObject:
    found = value.get_object() if value is not None else None
    return found if isinstance(found, DictionaryObject) else DictionaryObject()


def _cm(matrix: Matrix) -> bytes:
    return " ".join(str(FloatObject(round(number, 5))) for number in matrix).encode() + b" cm"


def _box(page: PageObject) -> Box:
    box = page.mediabox
    return float(box.left), float(box.bottom), float(box.right), float(box.top)


def _writer(data: bytes) -> PdfWriter:
    writer = PdfWriter(clone_from=io.BytesIO(_clean(data, None)))
    for page in writer.pages:
        straighten(page)
    return writer


def _clean(data: bytes, pages: list[int] | None) -> bytes:
    """Let pdfium read the file and write it anew: flat pages, with inherited entries filled in."""
    source = open_pdf(data)
    target = pypdfium2.PdfDocument.new()
    _import(target, source, pages)
    source.close()
    return _saved(target)


def _import(target: pypdfium2.PdfDocument, source: pypdfium2.PdfDocument, pages: list[int] | None) -> None:
    try:
        target.import_pages(source, pages)
    except pypdfium2.PdfiumError:
        raise UnreadableFile("broken", "A page of the PDF is damaged and cannot be copied.") from None


def _saved(document: pypdfium2.PdfDocument) -> bytes:
    target = io.BytesIO()
    document.save(target)
    document.close()
    return target.getvalue()


def _written(writer: PdfWriter) -> bytes:
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()
