"""A sandbox with something to look at: the post of a small company, made through the services' own doors."""

from __future__ import annotations

import copy
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from airflow_provider_print.sandbox import PrintSandbox

FILES = Path(__file__).parent.parent.parent / "dags_examples" / "files"
HOUR, DAY = 3600.0, 86_400.0
HOSTILE = '<img src=x onerror="document.title=1"><script>window.pwned = 1</script>'
"""A reference that must stay text."""

_NAMES = (
    "Amelia Hart",
    "Noah Whitfield",
    "Isla Pemberton",
    "Oliver Marsh",
    "Freya Langley",
    "George Ashdown",
    "Priya Raman",
    "Tomasz Zielinski",
    "Grace Okafor",
    "Harry Thorne",
    "Mei Lin Chow",
    "Callum Fraser",
)
_STREETS = ("High Street", "Mill Lane", "Station Road", "Church Row", "Orchard Close", "Quay Parade")
_TOWNS = (("NORWICH", "NR1 3QT"), ("LEEDS", "LS2 8HG"), ("BATH", "BA1 5NR"), ("TRURO", "TR1 2XJ"))
_LETTER = """<style>@page {{ size: A4; margin: 0 }} body {{ font-family: sans-serif; font-size: 11pt;
color: #222; margin: 20mm }} h1 {{ font-size: 15pt; color: #1d4f7c; margin: 0 }} .to {{ height: 68mm }}
table {{ width: 100%; border-collapse: collapse; margin: 8mm 0 }}
td {{ border-bottom: 1px solid #bbb; padding: 2mm 0 }} .sum {{ text-align: right; font-weight: bold }}</style>
<h1>Harbour &amp; Vale Energy</h1><div class=to></div><p>Dear customer,</p><p>{words}</p>
<table><tr><td>Balance brought forward<td class=sum>&pound;48.20
<tr><td>Electricity, 214 kWh<td class=sum>&pound;59.92
<tr><td>Standing charge<td class=sum>&pound;14.10<tr><td>Now due<td class=sum>&pound;122.22</table>
<p>Kind regards,<br>your customer team</p>"""
_CARD = """<style>@page {{ size: 148mm 105mm; margin: 0 }} body {{ margin: 0; font-family: sans-serif }}
.front {{ background: #dcebe6; height: 105mm; padding: 16mm; font-size: 26pt; color: #1f5a4c }}</style>
<div class=front>{words}</div>"""


def people(count: int, first: int = 0) -> list[dict[str, Any]]:
    """Return recipients, each another; no living person is meant."""
    found = []
    for number in range(first, first + count):
        town, postcode = _TOWNS[number % len(_TOWNS)]
        street = _STREETS[number // 3 % len(_STREETS)]
        name = _NAMES[number % len(_NAMES)] + (
            f" {number // len(_NAMES) + 1}" if number >= len(_NAMES) else ""
        )
        line = f"{number % 90 + 1} {street}\n{town}"
        found.append({"address": {"name": name, "line": line, "postcode": postcode}})
    return found


class Post:
    """Somebody who posts letters to a sandbox.

    :param box: the sandbox.
    """

    def __init__(self, box: PrintSandbox) -> None:
        self.box = box
        self.session = requests.Session()
        self.session.trust_env = False

    def job(self, **params: Any) -> dict[str, Any]:
        """Make a print job.

        :raises RuntimeError: when it is refused.
        """
        params = {"testmode": False, "confirmed": True, **params}
        return self._done(
            self.session.post(
                f"{self.box.intelliprint_url}/prints",
                json=params,
                headers={"Authorization": "Bearer key_sandbox"},
            )
        )

    def run(self, name: str, **fields: str) -> dict[str, Any]:
        """Make a print job of a file."""
        path = FILES / name
        return self._done(
            self.session.post(
                f"{self.box.intelliprint_url}/prints",
                files={"file": (name, path.read_bytes(), "application/pdf")},
                data=fields,
                headers={"Authorization": "Bearer key_sandbox"},
            )
        )

    def artwork(self, url: str, **more: Any) -> None:
        """Add a file to the library."""
        self._done(
            self.session.post(
                f"{self.box.printful_url}/files",
                json={"url": url, **more},
                headers={"Authorization": "Bearer printful_sandbox"},
            )
        )

    def move(self, letter: str, status: str, reason: str | None = None) -> None:
        """Make something happen to a letter."""
        self._done(
            self.session.post(
                f"{self.box.url}/_sandbox/letters/{letter}", json={"status": status, "reason": reason}
            )
        )

    @staticmethod
    def _done(answer: requests.Response) -> dict[str, Any]:
        if not answer.ok:
            raise RuntimeError(f"{answer.request.method} {answer.request.path_url}: {answer.text[:300]}")
        found: dict[str, Any] = answer.json()
        return found


def fill(box: PrintSandbox) -> dict[str, Any]:
    """Post a week's letters and stock the library; the jobs by a short name."""
    post, jobs = Post(box), {}
    jobs["welcome"] = post.job(
        reference="welcome-packs 2026-11-16",
        content=_LETTER.format(
            words="Welcome aboard. Your supply began on Monday, and this is your first statement."
        ),
        recipients=people(9),
    )
    box.advance(1 * DAY)
    jobs["cards"] = post.job(
        reference="autumn-postcards 2026-11-17",
        type="postcard",
        content=_CARD.format(words="Warm homes begin with a free boiler check"),
        recipients=people(16, first=20),
    )
    box.advance(1 * DAY + 2 * HOUR)
    jobs["statements"] = post.run(
        "statements.pdf",
        testmode="false",
        confirmed="true",
        reference="monthly_statements.send 2026-11-18 af1-9QK4M2T7",
        **{"splitting[method]": "split_on_phrase", "splitting[phrase]": "Statement of account"},
    )
    box.advance(2 * HOUR)
    for number in (2, 9, 23, 40, 58, 77):
        letter = jobs["statements"]["letters"][number]["id"]
        post.move(letter, "failed_wrong_address" if number == 9 else "returned", "Addressee gone away")
    jobs["hostile"] = post.job(reference=HOSTILE, content="Hello", recipients=people(1), testmode=True)
    _library(post)
    box.advance(1 * DAY)
    jobs["cancelled"] = post.job(
        reference="price-change notice",
        content=_LETTER.format(words="Prices change."),
        recipients=people(4, 40),
    )
    for letter in jobs["cancelled"]["letters"][:3]:
        post.move(letter["id"], "cancelled")
    box.advance(20 * HOUR)
    jobs["reminders"] = post.job(
        reference="reminders_by_row.post 2026-11-21",
        content=_LETTER.format(words="This is a friendly reminder that your payment is now due."),
        recipients=people(42, first=60),
        postage={"service": "uk_first_class"},
    )
    box.advance(34 * 60)
    jobs["test"] = post.job(
        reference="statements_backfill 2026-10",
        content=_LETTER.format(words="A test."),
        recipients=people(3, 7),
        testmode=True,
    )
    jobs["draft"] = post.job(
        reference="november-offers (quote)",
        content=_LETTER.format(words="An offer."),
        recipients=people(12, 11),
        confirmed=False,
    )
    return jobs


def _library(post: Post) -> None:
    shapes = [
        ("poster-dunes.png", (1800, 2400), 300, "#e9c893", "#b0713b"),
        ("mug-wave.png", (2700, 1050), 300, "#bcd9e6", "#23658a"),
        ("tee-fern.png", (1500, 1800), 150, "#d6e6cf", "#3f6b3a"),
        ("sticker-sun.png", (600, 600), 72, "#fbe3a2", "#d98a1f"),
        ("tote-grid.png", (1400, 1600), 150, "#eadcf0", "#7b4a94"),
    ]
    for name, size, dpi, light, dark in shapes:
        post.artwork(post.box.add_asset(name, _picture(size, dpi, light, dark)))
    for asset in post.session.get(f"{post.box.url}/_sandbox/assets").json()["assets"]:
        if asset["name"].startswith("artwork-"):
            post.artwork(asset["url"], type="default")
    post.artwork(post.box.add_asset("broken.png", b"no picture at all"), filename="broken.png")
    post.box.advance(60)
    post.artwork(post.box.add_asset("late.png", _picture((800, 800), 150, "#f3d6d0", "#9c4436")))


def _picture(size: tuple[int, int], dpi: int, light: str, dark: str) -> bytes:
    picture = Image.new("RGB", size, light)
    draw, (width, height) = ImageDraw.Draw(picture), size
    mask = Image.new("L", size, 0)
    inside = (width * 0.04, height * 0.04, width * 0.96, height * 0.96)
    ImageDraw.Draw(mask).rounded_rectangle(inside, min(size) // 10, fill=255)
    for step in range(5):
        top = height * (0.45 + step * 0.1)
        box = (width * (step * 0.12 - 0.2), top, width * (step * 0.12 + 0.9), top + height * 0.5)
        draw.ellipse(box, outline=dark, width=max(4, width // 60))
    draw.ellipse((width * 0.58, height * 0.14, width * 0.8, height * 0.14 + width * 0.22), fill=dark)
    picture.putalpha(mask)
    target = io.BytesIO()
    picture.save(target, "PNG", dpi=(dpi, dpi))
    return target.getvalue()


def fill_to(box: PrintSandbox, letters: int) -> None:
    """Copy a job until the outbox holds so many letters, one in each job: the most that a list can be."""
    (pattern,) = [job for job in box.sandbox.store.all("print") if job["reference"] == "pattern"] or [None]
    if pattern is None:
        made = Post(box).job(reference="pattern", content="Dear reader", recipients=people(1))
        pattern = box.sandbox.store.get("print", made["id"])
    assert pattern is not None
    now = box.now()
    with box.sandbox.store.transaction():
        for number, person in enumerate(people(letters - 1)):
            job = copy.deepcopy(pattern)
            job["id"], job["reference"] = f"print_copy{number:017d}", f"statement {number:05d}"
            job["created_exact"] = job["confirmed_exact"] = job["printing_from"] = (
                now - 5400 * (number % 9) / 9
            )
            job["letters"][0] |= {
                "id": f"ltr_copy{number:019d}",
                "address": {**person["address"], "country": "GB"},
            }
            box.sandbox.store.put("print", job["id"], job)
            box.sandbox.store.put("letter", job["letters"][0]["id"], {"print": job["id"], "index": 0})
