from __future__ import annotations

import threading
import zlib

import pytest

from airflow_provider_print.sandbox import PrintSandbox, pdf
from airflow_provider_print.sandbox.pdf.pool import Pool, Worker
from proofs.fuzz import hostile
from proofs.fuzz.hostile_files import HOSTILE
from tests.sandbox.pdf.builders import encrypted_pdf, letter_pdf, raw_pdf

CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"


def one_page(extra: bytes = b"/MediaBox [0 0 595 842]") -> dict[int, bytes]:
    return {
        1: CATALOG,
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R " + extra + b" >>",
    }


def reason(data: bytes) -> str:
    with pytest.raises(pdf.UnreadableFile) as caught:
        pdf.inspect(data)
    return caught.value.reason


def test_the_hand_made_page_of_these_tests_is_readable():
    assert pdf.inspect(raw_pdf(one_page())).pages == 1


@pytest.mark.parametrize("password", ["open sesame", ""])
def test_a_protected_file_is_encrypted_whether_or_not_it_opens_without_a_password(password):
    assert reason(encrypted_pdf(password)) == "encrypted"


def test_half_a_file_is_broken_or_loses_no_page_silently():
    whole = letter_pdf([f"page {number}" for number in range(20)])
    assert reason(whole[: len(whole) // 3]) == "broken"


@pytest.mark.parametrize("data", [b"", b"Dear Ada,", bytes(range(256)) * 40, b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_pdf_is_of_unknown_kind(data):
    assert reason(data) == "unknown kind"


def test_garbage_behind_a_pdf_header_is_broken():
    assert reason(b"%PDF-1.7\n" + bytes(range(256)) * 40) == "broken"


def test_a_file_without_pages_is_broken():
    assert reason(raw_pdf({1: CATALOG, 2: b"<< /Type /Pages /Kids [] /Count 0 >>"})) == "broken"


def test_a_page_larger_than_a0_is_too_large():
    assert reason(raw_pdf(one_page(b"/MediaBox [0 0 2400 3400]"))) == "too large"


def test_a0_itself_is_accepted_in_both_directions():
    for box in (b"[0 0 2384 3371]", b"[0 0 3371 2384]"):
        assert pdf.inspect(raw_pdf(one_page(b"/MediaBox " + box))).pages == 1


def test_more_than_5000_pages_are_too_large():
    kids = b"3 0 R " * 5001
    objects = one_page() | {2: b"<< /Type /Pages /Kids [" + kids + b"] /Count 5001 >>"}
    assert reason(raw_pdf(objects)) == "too large"


def test_more_than_100_mib_are_too_large():
    assert reason(b"%PDF-1.4\n" + b" " * (100 * 1024 * 1024)) == "too large"


def test_a_page_tree_that_contains_itself_ends():
    looped = raw_pdf(one_page() | {2: b"<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 2 >>"})
    assert reason(looped) == "broken"


def bomb() -> bytes:
    """A page whose content unpacks to 1.5 GB of drawing from a few kilobytes, packed twice."""
    packer = zlib.compressobj(9)
    chunk = b"0 0 m 9 9 l S\n" * 75_000
    first, again = (packer.compress(chunk) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    packed = zlib.compress(first + again * 1500 + packer.flush(), 9)
    filters = b"/Filter [/FlateDecode /FlateDecode]"
    stream = b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(packed), filters, packed)
    return raw_pdf(one_page(b"/MediaBox [0 0 595 842] /Contents 4 0 R") | {4: stream})


def test_a_bomb_ends_its_worker_and_not_the_server():
    data = bomb()
    assert len(data) < 100_000
    with pytest.raises(pdf.UnreadableFile) as caught:
        pdf.render_png(data, 0)
    assert caught.value.reason in ("too large", "broken")
    assert pdf.inspect(letter_pdf(["still here"])).pages == 1


def test_a_call_that_takes_too_long_ends_and_the_next_one_works():
    pool = Pool(size=1)
    try:
        with pytest.raises(pdf.UnreadableFile, match="time or memory") as caught:
            pool.call("page_texts", letter_pdf(["text " * 40] * 3000), 0, 3000, seconds=0.05)
        assert caught.value.reason == "too large"
        assert pool.call("inspect", letter_pdf(["a"]))["pages"] == 1
    finally:
        pool.close()


def test_a_worker_that_was_killed_between_two_calls_is_replaced():
    pool = Pool(size=1)
    try:
        assert pool.call("inspect", letter_pdf(["a"]))["pages"] == 1
        pool.close()
        assert pool.call("inspect", letter_pdf(["a", "b"]))["pages"] == 2
    finally:
        pool.close()


def test_a_worker_sends_no_code_and_answers_an_unknown_call_with_an_error():
    worker = Worker()
    try:
        assert worker.call("system", ["true"], {}, 5.0)["reason"] == "broken"
    finally:
        worker.stop()


def test_the_worker_has_a_memory_limit():
    status = Worker()
    try:
        limits = open(f"/proc/{status._process.pid}/limits").read()  # noqa: SIM115, PTH123
    finally:
        status.stop()
    address_space = next(line for line in limits.splitlines() if line.startswith("Max address space"))
    assert str(1024 * 1024 * 1024) in address_space


def test_error_texts_hold_nothing_of_the_file():
    with pytest.raises(pdf.UnreadableFile) as caught:
        pdf.to_pdf(b"MARKER-7731 Dear Ada")
    assert "MARKER" not in str(caught.value)


def test_many_threads_can_read_at_once():
    counts: list[int] = []

    def read(number: int) -> None:
        counts.append(pdf.inspect(letter_pdf(["x"] * number)).pages)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == list(range(1, 9))


#: What a page says of itself that makes no sense, and width and height (mm) that a reader makes of it.
NONSENSE = {
    b"/MediaBox [0 0 595 842] /Rotate 45": (209.9, 297.04),
    b"/MediaBox [0 0 595 842] /Rotate (x)": (209.9, 297.04),
    b"/MediaBox [0 0 595 842] /Rotate -450": (297.04, 209.9),
    b"/MediaBox [0 0 595 842] /CropBox [0 0 0 0]": (209.9, 297.04),
    b"/MediaBox [0 0 595 842] /CropBox (x)": (209.9, 297.04),
    b"/MediaBox [0 0 0 0]": (215.9, 279.4),
    b"/MediaBox [0 0 nan 842]": (215.9, 279.4),
    b"/MediaBox [0 0 5]": (215.9, 279.4),
    b"": (215.9, 279.4),
}


@pytest.mark.parametrize("page", NONSENSE)
def test_a_page_with_a_nonsensical_box_or_rotation_can_be_written_on(page):
    data, letterhead = raw_pdf(one_page(page)), letter_pdf(["Letterhead"])
    written = [
        pdf.lay_under(data, letterhead, letterhead),
        pdf.stamp_address(data, ["Ada", "1 Road", "AB1 2CD"]),
        pdf.nudge(data, 3, 4),
    ]
    assert [pdf.inspect(one).sizes for one in [data, *written]] == [[NONSENSE[page]]] * 4
    assert "".join(pdf.window_lines(written[1], 0)) == "Ada1 RoadAB1 2CD"
    assert pdf.inspect(pdf.lay_under(letterhead, data, data)).pages == 1


@pytest.mark.parametrize("box", [b"/CropBox [1000 1000 1200 1200]", b"/CropBox [0 0 0.5 800]"])
def test_a_page_without_an_area_is_broken(box):
    assert reason(raw_pdf(one_page(b"/MediaBox [0 0 595 842] " + box))) == "broken"


def test_the_window_is_found_on_a_page_that_inherits_its_box():
    text = b"BT /F1 10 Tf 72 660 Td (Ada) Tj ET"
    page = b"/Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >>"
    objects = one_page(page) | {
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 595 842] >>",
        4: b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        5: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    }
    assert pdf.window_lines(raw_pdf(objects), 0) == ["Ada"]


@pytest.mark.parametrize("data", [b"", b"Dear Ada"])
def test_what_is_said_of_an_upload_does_not_name_it(data):
    with pytest.raises(pdf.UnreadableFile) as caught:
        pdf.to_pdf(data)
    assert "'" not in str(caught.value)


QUICK = [file for file in HOSTILE if not file.slow]


@pytest.fixture(scope="module")
def box():
    with PrintSandbox(port=0, rate_limit=0, seed=1) as running:
        yield running


@pytest.mark.parametrize("file", QUICK, ids=lambda file: file.name.replace(" ", "-"))
@pytest.mark.behaviour("sandbox.files.hostile")
def test_a_file_made_to_hurt_gets_the_right_answer_and_hurts_nobody(box, file):
    outcome = hostile.send(box, file)
    assert outcome.problem is None
    assert outcome.seconds < 60


@pytest.mark.behaviour("sandbox.files.bounded")
def test_a_file_that_unpacks_without_end_is_refused_and_its_child_stays_within_its_memory(box):
    bomb = next(file for file in HOSTILE if file.slow)
    outcome = hostile.send(box, bomb)
    assert (outcome.status, outcome.problem) == (400, None)
    # Measured at the children: it did take much, and not more than they are given.
    assert 100 * 1024 * 1024 < outcome.peak <= hostile.CHILD_LIMIT
    assert hostile.send(box, next(file for file in HOSTILE if file.expected == (200,))).status == 200
