"""The other screens: dark, a phone, still; and the pictures of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from proofs.outbox.checks import Watched, must

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from airflow_provider_print.sandbox import PrintSandbox

TEXTS = ".pill, .faint, .note, .job time, .job-to, .tag, .views a, .status-list button, dt, dd, h2"
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


def photograph(browser: Browser, box: PrintSandbox, jobs: dict[str, Any], images: Path) -> list[str]:
    """Look at the outbox in the dark, on a phone and without motion; the lines that say what was seen."""
    return [*_dark(browser, box, jobs, images), *_phone(browser, box, images), _still(browser, box)]


def _dark(browser: Browser, box: PrintSandbox, jobs: dict[str, Any], images: Path) -> list[str]:
    with Watched(browser, box.url, viewport=WIDE, color_scheme="dark") as seen:
        seen.go(f"#/outbox/{jobs['statements']['id']}")
        seen.pictures_are_there(".letter img[src]")
        ground = seen.page.evaluate("() => getComputedStyle(document.body).backgroundColor")
        must(sum(int(part) for part in ground[4:-1].split(",")) < 120, f"the desk is dark, not {ground}")
        least = seen.readable(TEXTS)
        lines = [seen.picture(images / "outbox-dark.png"), f"dark      least contrast {least:.1f}"]
        seen.go("#/journal")
        seen.until(lambda: seen.count(".call.cell") > 5, "the journal is shown in the dark")
        seen.readable(".call.cell span, .call.cell time, .call.cell b, .call.head span")
        return lines


def _phone(browser: Browser, box: PrintSandbox, images: Path) -> list[str]:
    options = {"viewport": PHONE, "device_scale_factor": 2, "has_touch": True, "is_mobile": True}
    with Watched(browser, box.url, **options) as seen:
        seen.go()
        seen.until(lambda: seen.count(".job.cell") > 4, "jobs are listed on a phone")
        seen.fits()
        lines = [seen.picture(images / "outbox-phone.png")]
        seen.page.get_by_role("option").filter(has_text="monthly_statements").tap()
        seen.pictures_are_there(".letter img[src]")
        must(not seen.page.locator(".job.cell").first.is_visible(), "a job takes the whole phone")
        seen.fits()
        columns = seen.page.evaluate(
            "() => new Set([...document.querySelectorAll('.letter.cell')].map((c) => c.offsetLeft)).size"
        )
        must(columns == 2, f"two letters lie side by side on a phone, not {columns}")
        lines.append(seen.picture(images / "outbox-phone-job.png"))
        seen.page.locator(".letter.cell").nth(1).tap()
        seen.pictures_are_there("dialog .paper img[src]")
        lines.append(seen.picture(images / "outbox-phone-letter.png"))
        seen.page.get_by_role("button", name="Close").tap()
        seen.page.locator("a.back").tap()
        must(seen.page.locator(".job.cell").first.is_visible(), "the way back leads to the list")
        seen.page.locator(".clock-face").tap()
        must(seen.page.get_by_role("button", name="+1 week").is_visible(), "the clock opens on a phone")
        for place in ("library", "journal", "webhooks", "faults", "world"):
            seen.page.locator(f"#views a[data-view={place}]").tap()
            seen.until(
                lambda at=place: seen.page.evaluate("document.body.dataset.view") == at, f"{place} opens"
            )
            seen.fits()
        lines.append(f"phone     six views, none wider than {PHONE['width']} pixels")
        return lines


def _still(browser: Browser, box: PrintSandbox) -> str:
    with Watched(browser, box.url, viewport=WIDE, reduced_motion="reduce") as seen:
        seen.go("#/world")
        seen.page.locator(".switch").first.wait_for()
        moves = seen.page.evaluate(
            "() => [...document.querySelectorAll('*')].filter((e) => { const s = getComputedStyle(e);"
            " return parseFloat(s.transitionDuration) > 0 || s.animationName !== 'none'; }).length"
        )
        must(moves == 0, f"nothing moves for who wants no motion, but {moves} elements do")
    return "still     no element moves with prefers-reduced-motion"
