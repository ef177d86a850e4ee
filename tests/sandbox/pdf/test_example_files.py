"""The files a newcomer sees first: they must be what the example DAGs and the README say about them."""

from __future__ import annotations

import csv
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from airflow_provider_print.sandbox import pdf

ROOT = Path(__file__).resolve().parents[3]
FILES = ROOT / "dags_examples" / "files"
ASSETS = ROOT / "airflow_provider_print" / "sandbox" / "files"
PHRASE, MARK = "Statement of account", "EMAIL ONLY"


def read(name: str) -> bytes:
    return (FILES / name).read_bytes()


def rows() -> list[dict[str, str]]:
    with (FILES / "customers.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return [" ".join(text.split()) for text in pdf.page_texts(read("statements.pdf"))]


@pytest.fixture(scope="module")
def starts(texts) -> list[int]:
    return [number for number, text in enumerate(texts) if PHRASE in text]


def test_the_script_writes_the_same_files_again(tmp_path):
    script = ROOT / "dags_examples" / "make_files.py"
    subprocess.run([sys.executable, str(script), str(tmp_path)], check=True, timeout=60)
    made = {path.name for path in tmp_path.iterdir()}
    assert made <= {path.name for path in FILES.iterdir()}
    assert (tmp_path / "customers.csv").read_bytes() == read("customers.csv")
    for name in made:
        if name.endswith(".pdf"):
            assert pdf.page_texts((tmp_path / name).read_bytes()) == pdf.page_texts(read(name))
        elif name.endswith(".png"):
            with Image.open(tmp_path / name) as new, Image.open(FILES / name) as old:
                assert (new.size, new.info["dpi"]) == (old.size, old.info["dpi"])


def test_the_run_holds_a_letter_of_two_to_four_pages_for_each_customer(texts, starts):
    assert len(starts) == len(rows()) == 100
    assert starts[0] == 0
    lengths = [end - start for start, end in zip(starts, [*starts[1:], len(texts)], strict=True)]
    assert set(lengths) == {2, 3, 4}
    assert len(texts) == 278


def test_each_letter_shows_the_address_of_its_customer_in_the_window(starts):
    data = read("statements.pdf")
    for page, row in zip(starts, rows(), strict=True):
        lines = [row[name] for name in ("name", "address_1", "address_2", "town", "postcode") if row[name]]
        assert pdf.window_lines(data, page) == lines


def test_the_amount_in_the_csv_is_the_balance_on_the_letter(texts, starts):
    for page, row in zip(starts, rows(), strict=True):
        assert f"£{float(row['amount']):,.2f}" in texts[page]
        assert row["number"] in texts[page]


def test_letters_for_customers_with_email_are_marked_and_no_others(texts, starts):
    marked = [number for number, text in enumerate(texts) if MARK in text]
    assert marked == [page for page, row in zip(starts, rows(), strict=True) if row["delivery"] == "email"]
    assert len(marked) == 7


def test_the_enclosure_is_a_letter_of_its_own_so_that_a_merged_run_splits_cleanly():
    enclosure = read("enclosure.pdf")
    assert pdf.inspect(enclosure).pages == 1
    assert PHRASE in pdf.page_texts(enclosure)[0]
    assert MARK not in pdf.page_texts(enclosure)[0]
    assert pdf.window_lines(enclosure, 0)[0] == "Fernhill Supplies"


@pytest.mark.parametrize("name", ["letterhead.pdf", "continuation.pdf", "leaflet.pdf"])
def test_a_page_that_goes_with_every_letter_starts_no_letter_and_removes_none(name):
    assert pdf.inspect(read(name)) == pdf.PdfInfo(1, [(210.0, 297.0)])
    text = pdf.page_texts(read(name))[0]
    assert PHRASE not in text
    assert MARK not in text


def test_the_letterhead_leaves_the_address_window_free():
    assert pdf.window_lines(read("letterhead.pdf"), 0) == []


def test_the_postcard_has_two_sides_of_a6():
    assert pdf.inspect(read("postcard.pdf")).sizes == [(148.0, 105.0)] * 2


@pytest.mark.parametrize(
    ("name", "size"), [("artwork-front.png", (1800, 2400)), ("artwork-label.png", (600, 300))]
)
def test_artwork_has_its_true_resolution_and_is_served_by_the_sandbox_too(name, size):
    with Image.open(FILES / name) as picture:
        assert picture.size == size
        assert [round(value) for value in picture.info["dpi"]] == [300, 300]
    assert hashlib.sha256((ASSETS / name).read_bytes()).digest() == hashlib.sha256(read(name)).digest()


def test_the_folder_stays_small():
    assert sum(path.stat().st_size for path in FILES.iterdir()) < 1_500_000
