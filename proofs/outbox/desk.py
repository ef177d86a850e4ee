"""A tester at a desk: looks at letters, searches, moves the clock, plays faults, by mouse and by keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

from proofs.outbox import stage
from proofs.outbox.checks import Watched, must
from proofs.outbox.hostile import hostile, webhooks
from proofs.outbox.small import TEXTS, WIDE

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from airflow_provider_print.sandbox import PrintSandbox

    Jobs = dict[str, Any]


def walk(browser: Browser, box: PrintSandbox, jobs: Jobs, images: Path) -> list[str]:
    """Go through all views of the page; the lines that say what was seen."""
    with Watched(browser, box.url, viewport=WIDE) as seen:
        seen.go()
        return [
            *_letters(seen, jobs, images),
            *_search(seen),
            _keyboard(seen),
            *_library(seen, images),
            *_faults(seen, box, images),
            *_journal(seen, box, images),
            *_world(seen, box, images),
            *_clock(seen, box),
            *_news(seen, box),
            *webhooks(seen, box, images),
            hostile(seen, box),
            _empty(seen, images),
        ]


def _row(seen: Watched, text: str) -> Any:
    return seen.page.locator(".job.cell").filter(has_text=text)


def _letters(seen: Watched, jobs: Jobs, images: Path) -> list[str]:
    seen.until(lambda: seen.count(".job.cell") == len(jobs), f"{len(jobs)} jobs are listed")
    must(_row(seen, stage.HOSTILE[:20]).count() == 1, "markup in a reference is shown as text")
    must(seen.page.evaluate("window.pwned") is None, "markup in a reference is not run")
    _row(seen, "monthly_statements").click()
    must("monthly_statements" in seen.text(".detail h2"), "the job is shown beside the list")
    seen.pictures_are_there(".letter img[src]")
    pane, sheet = (
        seen.page.locator(f".letter >> nth=0 >> {part}").bounding_box() for part in (".pane", ".face")
    )
    assert pane
    assert sheet
    left, top = (pane["x"] - sheet["x"]) / sheet["width"], (pane["y"] - sheet["y"]) / sheet["height"]
    must(abs(left - 20 / 210) < 0.01, f"the window is 20 mm from the left, not {left * 210:.1f}")
    must(abs(top - 45 / 297) < 0.01, f"the window is 45 mm from the top, not {top * 297:.1f}")
    least = seen.readable(TEXTS)
    lines = [seen.picture(images / "outbox-light.png"), f"light     least contrast {least:.1f}"]
    seen.page.locator(".letter.cell").nth(2).click()
    seen.pictures_are_there("dialog .paper img[src]")
    must("Letter 3 of 100" in seen.text(".viewer header"), "the third letter is shown")
    lines.append(seen.picture(images / "outbox-letter.png"))
    seen.page.keyboard.press("j")
    seen.until(lambda: "Letter 4 of 100" in seen.text(".viewer header"), "j leads to the next letter")
    name = seen.text(".letter-side address span")
    seen.page.locator(".viewer .segments button[data-value=envelope]").click()
    seen.pictures_are_there("dialog .paper img[src]")
    shown = seen.page.locator("dialog .pane").first.evaluate("(pane) => getComputedStyle(pane).boxShadow")
    must(f"{WIDE['width']}px" in shown, "an envelope covers all but the window")
    lines.append(seen.picture(images / "outbox-envelope.png"))
    seen.page.locator(".mover select").select_option("returned")
    seen.page.locator(".mover button").click()
    seen.until(lambda: "Returned" in seen.text(".letter-side .pill"), "a letter can be moved, and shows it")
    seen.page.keyboard.press("Escape")
    must(seen.count("dialog[open]") == 0, "Esc closes a letter")
    chosen = seen.page.locator(".letter.cell[aria-selected=true]").inner_text()
    must(name in chosen, "the letter that was looked at is chosen in the list")
    return lines


def _search(seen: Watched) -> list[str]:
    seen.page.keyboard.press("/")
    seen.page.keyboard.type("bryn larkspur")
    seen.until(lambda: seen.count(".job.cell") == 1, "one job holds the addressee that is searched for")
    seen.page.keyboard.press("ArrowDown")
    seen.page.keyboard.press("Enter")
    seen.until(lambda: seen.text(".note:visible >> nth=0").startswith("1 job of"), "the list says so")
    must("monthly_statements" in seen.text(".job.cell .job-name"), "it is the right one")
    seen.page.keyboard.press("/")
    seen.page.keyboard.press("Escape")
    seen.until(lambda: seen.count(".job.cell") > 5, "Esc ends the search")
    seen.page.locator(".side .status-list button[data-status=cancelled]").click()
    seen.until(lambda: seen.count(".job.cell") == 1, "one job has cancelled letters")
    must("price-change" in seen.text(".job.cell"), "it is the cancelled one")
    seen.page.locator(".side .status-list button").first.click()
    seen.page.locator(".list .segments button[data-value=test]").click()
    seen.until(lambda: seen.count(".job.cell") == 2, "two jobs are test jobs")
    seen.page.locator(".list .segments button").first.click()
    seen.until(lambda: seen.count(".job.cell") > 5, "all jobs are back")
    return ["search    by addressee, by status, by live and test"]


def _keyboard(seen: Watched) -> str:
    page = seen.page
    page.locator("#main").focus()
    page.keyboard.press("j")
    page.keyboard.press("j")
    first = page.locator(".job.cell[aria-selected=true] .job-name").inner_text()
    page.keyboard.press("k")
    second = page.locator(".job.cell[aria-selected=true] .job-name").inner_text()
    must(first != second, "j and k move through the list")
    outline = page.evaluate(
        "() => getComputedStyle(document.querySelector('.job.cell[aria-selected=true]')).outlineStyle"
    )
    must(outline == "solid", "what the keyboard is at can be seen")
    active = page.evaluate(
        "() => { const at = document.activeElement.getAttribute('aria-activedescendant');"
        " return document.getElementById(at)?.innerText; }"
    )
    must(second in (active or ""), "a screen reader is told which job is chosen")
    page.keyboard.press("Enter")
    seen.until(lambda: seen.count(".detail .grid:focus"), "Enter leads into the letters")
    seen.until(lambda: seen.count(".letter.cell[aria-selected=true]") == 1, "and to the first of them")
    page.keyboard.press("Enter")
    seen.until(lambda: seen.count("dialog.viewer[open]") == 1, "Enter opens a letter")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    must("printful_sandbox" in seen.text("dialog.help"), "the help names the API keys")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("l")
    seen.until(lambda: page.evaluate("location.hash") == "#/library", "g l leads to the library")
    return "keyboard  j k Enter Esc / ? and g l, with a visible focus and the active row named"


def _library(seen: Watched, images: Path) -> list[str]:
    seen.pictures_are_there(".file img[src]")
    must("72 dpi, low" in seen.text(".file.cell:has-text('sticker-sun')"), "a coarse file says so")
    must("1,800 \u00d7 2,400" in seen.text(".file.cell:has-text('poster-dunes')"), "a file tells its size")
    must("Failed" in seen.text(".file.cell:has-text('broken.png')"), "a file that failed says so")
    lines = [seen.picture(images / "outbox-library.png")]
    seen.page.locator(".file.cell", has_text="poster-dunes").click()
    seen.pictures_are_there("dialog .artwork img")
    seen.page.keyboard.press("Escape")
    return lines


def _faults(seen: Watched, box: PrintSandbox, images: Path) -> list[str]:
    page = seen.page
    page.keyboard.press("g")
    page.keyboard.press("f")
    page.get_by_role("button", name="Refused for now").click()
    seen.until(lambda: seen.count(".table tbody tr") == 1, "the fault is in play")
    must("not yet" in seen.text(".table tbody tr"), "a fault that was not played says so")
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = "Bearer key_sandbox"
        must(session.get(f"{box.intelliprint_url}/prints").status_code == 503, "the fault is played")
        took = seen.until(lambda: "1 \u00d7" in seen.text(".table tbody tr"), "the page learns of it", 3)
        page.get_by_role("button", name="The answer is lost").click()
        seen.until(lambda: seen.count(".table tbody tr") == 2, "two faults are in play")
        lost = {"content": "Dear reader", "reference": "reminders_by_row.post 2026-11-23"}
        try:
            session.post(f"{box.intelliprint_url}/prints", json=lost)
        except requests.ConnectionError:
            pass
        else:
            must(False, "the answer is lost")
        for path in ("/prints?limit=5", "/prints/print_unknown", "/prints?limit=5&skip=5"):
            session.get(box.intelliprint_url + path)
    page.locator("[data-preset=lossy]").click()
    seen.until(lambda: seen.count(".table tbody tr") > 2, "a preset brings its rules")
    lines = [
        seen.picture(images / "outbox-faults.png"),
        f"faults    played ones are known {took:.1f} s later",
    ]
    page.get_by_role("button", name="Clear all").click()
    seen.until(lambda: not box.sandbox.faults, "the faults are cleared")
    seen.until(lambda: seen.count(".table tbody tr") == 0, "the page shows that")
    return lines


def _journal(seen: Watched, box: PrintSandbox, images: Path) -> list[str]:
    page = seen.page
    page.keyboard.press("g")
    page.keyboard.press("j")
    seen.until(lambda: seen.count(".call.cell") > 10, "the journal lists calls")
    must("answer lost" in seen.text(".call.cell:has-text('2026-11-23')"), "a lost answer is seen")
    lines = [seen.picture(images / "outbox-journal.png")]
    page.get_by_role("button", name="Only trouble").click()
    seen.until(lambda: seen.count(".call.cell") == 3, "three calls went wrong")
    page.locator(".call.cell", has_text="2026-11-23").click()
    must("SHA-256" in seen.text("dialog"), "a call tells the digest of its body")
    must("Dear reader" not in seen.text("dialog"), "and not the body")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    seen.until(lambda: seen.count(".call.cell") > 10, "Esc shows all again")
    box.keep_bodies()
    stage.Post(box).job(reference="kept", content="Dear keeper", recipients=stage.people(1), confirmed=False)
    page.locator(".call.cell", has_text="kept").click()
    seen.until(lambda: "Dear keeper" in seen.text("dialog"), "a body that is kept can be read")
    box.keep_bodies(False)
    page.keyboard.press("Escape")
    return lines


def _world(seen: Watched, box: PrintSandbox, images: Path) -> list[str]:
    page = seen.page
    page.keyboard.press("g")
    page.keyboard.press("w")
    page.locator("#rule-reconfirm").select_option("200")
    seen.until(lambda: box.sandbox.world.reconfirm == 200, "a rule of the world is changed")
    page.locator("#rule-test_letters_move").check()
    seen.until(lambda: box.sandbox.world.test_letters_move, "a switch of the world is thrown")
    seen.until(lambda: seen.count(".rules li.changed") >= 2, "what is changed is marked")
    seen.readable(".rules .faint, .rules b")
    lines = [seen.picture(images / "outbox-world.png")]
    page.locator("li:has(#rule-reconfirm) button").click()
    seen.until(lambda: box.sandbox.world.reconfirm == 400, "a rule goes back")
    return lines


def _clock(seen: Watched, box: PrintSandbox) -> list[str]:
    page = seen.page
    page.locator("#views a[data-view=outbox]").click()
    row = _row(seen, "reminders_by_row.post 2026-11-21")
    must("sent" not in row.inner_text().lower(), "the reminders are on their way")
    before = box.now()
    page.locator("[data-advance='3600']").click()
    seen.until(lambda: box.now() == before + 3600, "the clock steps an hour")
    took = seen.until(lambda: "42 sent" in row.inner_text(), "the letters have moved, without a reload", 5)
    page.get_by_role("button", name="Let it run").click()
    seen.until(lambda: not box.sandbox.clock.frozen, "the clock runs")
    shown = seen.text(".clock-time")
    seen.until(lambda: seen.text(".clock-time") != shown, "the clock in the page runs too", 3)
    page.get_by_role("button", name="Freeze").click()
    seen.until(lambda: box.sandbox.clock.frozen, "the clock is frozen")
    page.locator(".clock-tools select").select_option("3600")
    seen.until(lambda: box.sandbox.clock.speed == 3600, "the clock has another speed")
    page.get_by_role("button", name="Freeze").click()
    seen.until(lambda: box.sandbox.clock.frozen, "the clock is frozen again")
    return [f"clock     letters have moved {took:.1f} s after the click"]


def _news(seen: Watched, box: PrintSandbox) -> list[str]:
    stage.Post(box).job(reference="hot from the press", content="Dear reader", recipients=stage.people(1))
    took = seen.until(lambda: _row(seen, "hot from the press").count(), "a new job appears by itself", 5)
    must("just now" in _row(seen, "hot from the press").inner_text(), "and it is new")
    return [f"news      a new job is listed {took:.1f} s after it was posted"]


def _empty(seen: Watched, images: Path) -> str:
    seen.page.locator("#reset").click()
    seen.page.get_by_role("button", name="Empty it").click()
    seen.until(lambda: "Nothing has been posted yet" in seen.text(".list .empty"), "the outbox is empty")
    seen.until(lambda: seen.text("#live") == "Live", "the page is live again after a reset")
    return seen.picture(images / "outbox-empty.png")
