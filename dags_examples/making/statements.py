"""The letters: a statement for each customer, and the control sheet of the run."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm

from making.people import DAYS_OF_MONTH, Customer
from making.sheet import FERN, GREY, INK, LEFT, RIGHT, RUST, Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: On the first page of each letter and nowhere else: a print job is split into letters on it.
PHRASE = "Statement of account"
#: On the first page of the letters whose customers get theirs electronically.
MARK = "EMAIL ONLY"

PERIOD = "October 2026"


def money(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def head(sheet: Sheet, address: list[str], facts: list[tuple[str, str]], mark: str = "") -> None:
    """Address in the left window, facts beside it, and the title that begins a letter."""
    sheet.top(53)
    for line in address:
        sheet.text(LEFT, line, 10)
        sheet.y -= 4.9 * mm
    sheet.top(53)
    for label, value in facts:
        sheet.text(128 * mm, label, 8.5, colour=GREY)
        sheet.text(RIGHT, value, 9.5, right=True)
        sheet.y -= 5.6 * mm
    if mark:
        sheet.canvas.setStrokeColor(RUST)
        sheet.y -= 3 * mm
        sheet.canvas.roundRect(RIGHT - 30 * mm, sheet.y - 2.3 * mm, 30 * mm, 7 * mm, 1.2 * mm)
        sheet.text(RIGHT - 3.6 * mm, mark, 9.5, bold=True, colour=RUST, right=True)
    sheet.top(99)
    sheet.text(LEFT, PHRASE, 19, bold=True, colour=FERN)


def table_head(sheet: Sheet) -> None:
    sheet.y -= 2 * mm
    sheet.canvas.setFillColor(FERN)
    sheet.canvas.rect(LEFT, sheet.y - 2.2 * mm, RIGHT - LEFT, 7 * mm, stroke=0, fill=1)
    for x, label, right in (
        (LEFT + 2 * mm, "Date", False),
        (45 * mm, "Number", False),
        (64 * mm, "Details", False),
        (142 * mm, "Invoiced £", True),
        (166 * mm, "Paid £", True),
        (RIGHT - 2 * mm, "Balance £", True),
    ):
        sheet.text(x, label, 8.5, bold=True, colour=HexColor("#FFFFFF"), right=right)
    sheet.y -= 7.4 * mm


def statement(sheet: Sheet, customer: Customer) -> int:
    """Set the letter of one customer and return its number of pages."""
    pages = list(_pages(customer))
    for number, rows in enumerate(pages, 1):
        if number == 1:
            _first_page(sheet, customer)
        else:
            sheet.top(32)
            sheet.text(LEFT, f"{customer.name}, account {customer.number}", 9.5, bold=True)
            sheet.text(RIGHT, PERIOD, 9.5, right=True, colour=GREY)
            sheet.y -= 8 * mm
        table_head(sheet)
        for shade, (day, reference, text, amount, balance) in enumerate(rows):
            if shade % 2:
                sheet.y -= 1.7 * mm
                sheet.band(5.6 * mm)
                sheet.y += 1.7 * mm
            if day:
                sheet.text(LEFT + 2 * mm, f"{day:02d} Oct", 8.8)
            sheet.text(45 * mm, reference, 8.8, colour=GREY)
            sheet.text(64 * mm, text, 8.8)
            if amount:
                sheet.text((142 if amount > 0 else 166) * mm, money(abs(amount)), 8.8, right=True)
            sheet.text(RIGHT - 2 * mm, money(balance), 8.8, right=True)
            sheet.y -= 5.6 * mm
        if number == len(pages):
            _total(sheet, customer)
        sheet.y = 29 * mm
        sheet.text(RIGHT, f"Page {number} of {len(pages)}", 8, colour=GREY, right=True)
        sheet.canvas.showPage()
    return len(pages)


def _pages(customer: Customer) -> Iterator[list[tuple[int, str, str, Decimal, Decimal]]]:
    balance = customer.opening
    rows = [(1, "", "Brought forward from September", Decimal(0), balance)]
    for day, reference, text, amount in customer.entries:
        balance += amount
        rows.append((day, reference, text, amount, balance))
    space, slip = 19, 13
    while len(rows) > space - slip:
        count = min(space, len(rows) - 3)  # the last page has rows too, not the payment slip alone
        yield rows[:count]
        rows, space = rows[count:], 38
    yield rows


def _first_page(sheet: Sheet, customer: Customer) -> None:
    facts = [("Account", customer.number), ("To", f"{DAYS_OF_MONTH} {PERIOD}"), ("Terms", "30 days")]
    head(sheet, customer.address, facts, MARK if customer.by_email else "")
    sheet.y -= 8.5 * mm
    sheet.text(LEFT, f"What was delivered and paid in {PERIOD}. Questions? accounts@fernhill.example", 9.5)
    sheet.y -= 22 * mm
    sheet.band(17 * mm)
    columns = (
        ("Brought forward", customer.opening),
        ("Invoiced", customer.invoiced),
        ("Paid", customer.paid),
        ("Now due", customer.balance),
    )
    for index, (label, amount) in enumerate(columns):
        last = index == len(columns) - 1
        x = LEFT + (4 + 41 * index) * mm
        sheet.y += 11 * mm
        sheet.text(x, label, 8.5, colour=GREY)
        sheet.y -= 6.5 * mm
        sheet.text(x, f"£{money(amount)}", 13, bold=True, colour=RUST if last else INK)
        sheet.y -= 4.5 * mm
    sheet.y -= 8 * mm


def _total(sheet: Sheet, customer: Customer) -> None:
    sheet.y -= 1.5 * mm
    sheet.rule(colour=FERN, width=1)
    sheet.y -= 5.5 * mm
    sheet.text(64 * mm, f"Balance on {DAYS_OF_MONTH} {PERIOD}", 10, bold=True)
    sheet.text(RIGHT - 2 * mm, f"£{money(customer.balance)}", 10, bold=True, right=True)
    sheet.y = 82 * mm
    sheet.rule(colour=GREY, dash=(3, 3))
    sheet.y -= 7 * mm
    sheet.text(LEFT, "Payment slip", 12, bold=True, colour=FERN)
    for label, value in (
        ("Pay to", "Fernhill Supplies"),
        ("Sort code and account", "00-00-00  00000000"),
        ("Your reference", customer.number),
        ("Amount", f"£{money(customer.balance)}"),
    ):
        sheet.y -= 6.2 * mm
        sheet.text(LEFT, label, 9, colour=GREY)
        sheet.text(70 * mm, value, 10, bold=label == "Amount")
    sheet.y -= 8 * mm
    sheet.text(LEFT, "Have you paid in the last days? Then please put this letter aside.", 8.5, colour=GREY)


def control_sheet(path: Path, people: list[Customer], pages: list[int]) -> None:
    """Write a letter of its own, to the sender's accounts department, with the totals of the run."""
    sheet = Sheet(path, "Control sheet")
    address = ["Fernhill Supplies", "Accounts Department", "1 Example Lane", "Fernhill", "QZ1 1ZZ"]
    head(sheet, address, [("Run", PERIOD), ("To", f"{DAYS_OF_MONTH} {PERIOD}"), ("For", "The file")])
    sheet.y -= 9 * mm
    sheet.text(LEFT, "Control sheet of this run. Please compare with what the printer reports.", 9.5)
    sheet.y -= 10 * mm
    by_post = [count for customer, count in zip(people, pages, strict=True) if not customer.by_email]
    rows = [
        ("Accounts in the run", str(len(people))),
        ("of these by post", str(len(by_post))),
        ("of these by e-mail", str(len(people) - len(by_post))),
        ("Pages in the run", str(sum(pages))),
        ("of these by post", str(sum(by_post))),
        *((f"Letters of {size} pages by post", str(by_post.count(size))) for size in sorted(set(by_post))),
        ("Invoiced", f"£{money(sum((one.invoiced for one in people), Decimal(0)))}"),
        ("Paid", f"£{money(sum((one.paid for one in people), Decimal(0)))}"),
        ("Now due", f"£{money(sum((one.balance for one in people), Decimal(0)))}"),
    ]
    for label, value in rows:
        indent = 4 * mm if label.startswith("of these") else 0
        sheet.text(LEFT + indent, label, 10, colour=GREY if indent else INK)
        sheet.text(RIGHT, value, 10, bold=not indent, right=True)
        sheet.y -= 2.4 * mm
        sheet.rule()
        sheet.y -= 5.2 * mm
    sheet.canvas.showPage()
    sheet.canvas.save()
