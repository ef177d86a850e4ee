"""The letters of a print job: which pages, to whom, on how many sheets, in which envelope, at which price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow_provider_print.sandbox import pdf
from airflow_provider_print.sandbox.intelliprint import pricing, splitting
from airflow_provider_print.sandbox.intelliprint.errors import invalid, missing

if TYPE_CHECKING:
    from airflow_provider_print.sandbox.core import Sandbox
    from airflow_provider_print.sandbox.intelliprint.splitting import Span
    from airflow_provider_print.sandbox.world import World

Job = dict[str, Any]
Letter = dict[str, Any]

SHAPING = frozenset(
    {
        "splitting",
        "remove_letters",
        "printing",
        "postage",
        "extra_documents",
        "nudge",
        "address_window",
    }
)
"""Parameters that make other letters of the same file; the rest leaves them as they are."""


def lay_out(sandbox: Sandbox, job: Job) -> None:
    """Make the letters of a job from its file, and count and price them.

    An update that leaves the number of letters as it was keeps their ids.

    :raises ServiceError: when the file and the parameters do not go together.
    """
    source = sandbox.store.get_blob(job["source"]["sha"])
    spans = _spans(sandbox, job, source)
    sheet = _address_sheet(job, sandbox.world.address_sheet)
    job["add_address_sheet"] = sheet and sandbox.world.address_sheet != "html"
    shape = _Shape(sheet, sandbox.world.series_base, sandbox.world.discount_percent)
    if job["recipients"] is None:
        addresses = _in_windows(sandbox, job, source, spans)
        letters = [
            _letter(job, shape, span, address, None) for span, address in zip(spans, addresses, strict=True)
        ]
    else:
        letters = [
            _letter(job, shape, _own_span(recipient, spans[0]), recipient["address"], number)
            for number, recipient in enumerate(job["recipients"])
        ]
    if sandbox.world.unaddressed == "refused" and not all_addressed(letters):
        raise invalid("recipients", "Not every letter has a readable address")
    kept = [letter["id"] for letter in job.get("letters", [])]
    ids = kept if len(kept) == len(letters) else [sandbox.ids.text("ltr_", 21) for _ in letters]
    job["letters"] = [{"id": name, **letter} for name, letter in zip(ids, letters, strict=True)]
    job["pages"] = sum(letter["pages"] for letter in letters)
    job["sheets"] = sum(letter["sheets"] for letter in letters)


def draw(sandbox: Sandbox, job: Job, letter: Letter) -> bytes:
    """Return the PDF of a letter as it will be printed."""
    recipient = None if letter["recipient"] is None else job["recipients"][letter["recipient"]]
    source = sandbox.store.get_blob(((recipient or {}).get("source") or job["source"])["sha"])
    pages = pdf.extract(source, list(range(letter["first"], letter["first"] + letter["count"])))
    pages = _nudged(job, pages, first_only=sandbox.world.nudge_pages == "first")
    if recipient is not None and not letter["sheet"]:
        pages = _addressed(job, pages, letter)
    first, other = (_background(sandbox, job["background"][side]) for side in ("first_page", "other_pages"))
    if first or other:
        pages = pdf.lay_under(pages, first, other)
    parts = [pages, *(_extra(sandbox, extra, other) for extra in job["extra_documents"])]
    if letter["sheet"]:
        parts.insert(0, _addressed(job, pdf.typeset_text(""), letter))
    return pdf.merge(parts) if len(parts) > 1 else pages


def all_addressed(letters: list[Letter]) -> bool:
    """Whether every letter says where it goes."""
    return all((letter["address"]["line"] or "").strip() for letter in letters)


@dataclass(frozen=True)
class _Shape:
    """What rules of the world make of every letter of a job."""

    sheet: bool
    base: int
    discount: float


def _address_sheet(job: Job, rule: str) -> bool:
    """Whether letters get a page of their own for the address; when that happens is unknown."""
    if job["recipients"] is None or job["type"] != "letter":
        return False
    return (
        rule == "always"
        or (rule == "file" and job["file"] is not None)
        or (rule == "html" and job["source"]["html"])
    )


def _own_span(recipient: dict[str, Any], span: Span) -> Span:
    """Return the pages of a recipient's letter: those of everybody's file, or of what was filled in."""
    return splitting.whole(recipient["source"]["pages"])[0] if "source" in recipient else span


def _spans(sandbox: Sandbox, job: Job, source: bytes) -> list[Span]:
    needs_texts = job["remove_letters"]["with_phrase"] or job["splitting"]["method"] == "split_on_phrase"
    texts = [splitting.fold(page.text) for page in _pages(sandbox, job, source)] if needs_texts else []
    return splitting.spans(
        job["source"]["pages"],
        texts,
        rule=job["splitting"] if job["recipients"] is None else {"method": "none"},
        remove=job["remove_letters"],
        world=sandbox.world,
    )


def _pages(sandbox: Sandbox, job: Job, source: bytes) -> list[pdf.PageText]:
    """Return what every page holds, read once per file."""
    return sandbox.file_texts.read(
        source, job["source"]["sha"], job["source"]["pages"], job["address_window"] or "left"
    )


def _nudged(job: Job, data: bytes, *, first_only: bool = False) -> bytes:
    """Move the content of all pages (newer documentation) or of the first, so addresses meet the window."""
    x, y = job["nudge"]["x"] or 0, job["nudge"]["y"] or 0
    if job["recipients"] is not None or not (x or y):
        return data
    return pdf.nudge(data, x, y, first_only=first_only)


def _in_windows(sandbox: Sandbox, job: Job, source: bytes, spans: list[Span]) -> list[dict[str, Any]]:
    """Return the address that each letter's envelope will show."""
    if job["type"] != "letter":
        return [_address([]) for _ in spans]
    x, y = job["nudge"]["x"] or 0, job["nudge"]["y"] or 0
    if not (x or y) and len(spans) > 1:
        pages = _pages(sandbox, job, source)
        return [_address(pages[span.first].lines) for span in spans]
    firsts = pdf.read_pages(source, [span.first for span in spans], job["address_window"] or "left", x, y)
    return [_address(page.lines) for page in firsts]


def _address(lines: list[str]) -> dict[str, Any]:
    """Return the address of the lines in a window: the first is the name, the last the postcode.

    The reading of the lines is proven on a real file of 100 letters; a window with fewer than three lines
    is taken for no address (assumed).
    """
    lines = [line for line in lines if line]
    if len(lines) < 3:
        return {"name": None, "line": None, "postcode": None, "country": None}
    return {"name": lines[0], "line": "\n".join(lines[1:-1]), "postcode": lines[-1], "country": "GB"}


def _letter(job: Job, shape: _Shape, span: Span, address: dict[str, Any], recipient: int | None) -> Letter:
    pages = shape.sheet + span.count + sum(extra["pages"] for extra in job["extra_documents"])
    service, ideal = job["postage"]["service"], job["postage"]["ideal_envelope"]
    if job["type"] == "postcard":
        sheets, envelope, amount = 1, ideal, pricing.postcard_amount(ideal, service)
    else:
        sheets = pricing.sheets_of(pages, job["printing"], base=shape.base)
        envelope = pricing.envelope_for(sheets, ideal, service)
        amount = pricing.letter_amount(pages, envelope, service)
    return {
        "address": address,
        "pages": pages,
        "sheets": sheets,
        "envelope": envelope,
        "amount": pricing.discounted(amount, shape.discount),
        "sheet": shape.sheet,
        "first": span.first,
        "count": span.count,
        "recipient": recipient,
        "events": [],
    }


def _addressed(job: Job, pages: bytes, letter: Letter) -> bytes:
    """Print an address: on page 1 of a letter (observed by others), on the back of a postcard (assumed)."""
    address = letter["address"]
    lines = [address["name"], *(address["line"] or "").splitlines(), address["postcode"]]
    if address["country"] not in (None, "GB"):
        lines.append(address["country"])
    lines = [line for line in lines if line and line.strip()]
    if job["type"] == "letter":
        return pdf.stamp_address(pages, lines, job["address_window"], code=letter["id"][-12:])
    if letter["count"] < 2:
        return pages
    back = pdf.stamp_address(pdf.extract(pages, [1]), lines, "right")
    return pdf.merge([pdf.extract(pages, [0]), back])


def _background(sandbox: Sandbox, name: str | None) -> bytes | None:
    if name is None:
        return None
    doc = sandbox.store.get("background", name)
    return None if doc is None else sandbox.store.get_blob(doc["sha"])


def _extra(sandbox: Sandbox, extra: dict[str, Any], background: bytes | None) -> bytes:
    data = sandbox.store.get_blob(extra["sha"])
    if not extra["apply_background"] or background is None:
        return data
    return pdf.lay_under(data, background, background)


def check(sandbox: Sandbox, job: Job) -> None:
    """Refuse parameters that contradict each other.

    :raises ServiceError: naming the parameter.
    """
    _check_splitting(job, sandbox.world)
    if job["type"] == "postcard":
        _check_postcard(job)
    else:
        _check_letter(job)
    printing = job["printing"]
    if printing["double_sided"] == "mixed" and not printing["double_sided_specific_pages"]:
        raise missing("printing.double_sided_specific_pages")
    check_backgrounds(sandbox, job)


def check_backgrounds(sandbox: Sandbox, job: Job) -> None:
    """Refuse backgrounds that there are not, or not any more.

    :raises ServiceError: naming the parameter.
    """
    for side in ("first_page", "other_pages"):
        name = job["background"][side]
        doc = None if name is None else sandbox.store.get("background", name)
        if name is not None and (doc is None or doc["account"] != job["account"]):
            raise invalid(f"background.{side}", f"There is no background {name[:64]}")


def _check_splitting(job: Job, world: World) -> None:
    method = job["splitting"]["method"]
    if method == "none":
        return
    if job["type"] == "postcard":
        raise invalid("splitting", "Postcards cannot be split")
    if job["recipients"] is not None:
        if world.split_recipients == "ignored":
            return
        # Assumed: which letter would go to whom is undefined.
        raise invalid("splitting", "A job with recipients or a mailing list cannot be split")
    needed = "phrase" if method == "split_on_phrase" else "pages"
    if not job["splitting"][needed] or (
        needed == "phrase" and not splitting.fold(job["splitting"]["phrase"])
    ):
        raise missing(f"splitting.{needed}", f"splitting.{needed} is needed with {method}")


def _check_letter(job: Job) -> None:
    if job["postage"]["ideal_envelope"].startswith("postcard"):
        raise invalid("postage.ideal_envelope", "This envelope is for postcards")
    if job["printing"]["matt_finish"]:
        raise invalid("printing.matt_finish", "matt_finish is for postcards")


def _check_postcard(job: Job) -> None:
    if not job["postage"]["ideal_envelope"].startswith("postcard"):
        raise invalid("postage.ideal_envelope", "This envelope is for letters")
    if job["postage"]["service"] not in ("uk_first_class", "uk_second_class"):
        raise invalid("postage.service", "Postcards go by uk_first_class or uk_second_class")
    for_letters = {
        "printing.black_and_white": job["printing"]["black_and_white"],
        "background.first_page": job["background"]["first_page"],
        "background.other_pages": job["background"]["other_pages"],
        "extra_documents": job["extra_documents"],
        "address_window": job["address_window"] != "left",
        "remove_letters.with_phrase": job["remove_letters"]["with_phrase"],
    }
    for param, value in for_letters.items():
        if value:
            raise invalid(param, f"{param} is for letters only")
    own = [recipient["source"]["pages"] for recipient in job["recipients"] or [] if "source" in recipient]
    if max([job["source"]["pages"], *own]) > 2:
        raise invalid("file", "A postcard has two sides: the file must have at most two pages")
