"""What is unknown of the service, as the rules of the world have it otherwise."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import struct

import pytest
from PIL import Image

from tests.sandbox.pdf.builders import letter_pdf
from tests.sandbox.printful.conftest import ACCOUNT, bearer, picture

ART = "http://example.test/a.png"
FAILED = {"hash": None, "mime_type": None, "size": 0, "width": None, "height": None, "dpi": None}


def psd(width: int = 60, height: int = 40) -> bytes:
    """Make the simplest file of Photoshop: a header, no layers, one picture without compression."""
    header = struct.pack(">4sH6xHIIHH", b"8BPS", 1, 3, height, width, 8, 3)
    return header + struct.pack(">III", 0, 0, 0) + struct.pack(">H", 0) + b"\x40" * (3 * width * height)


def refused(library, status: int = 400, **body) -> None:
    answer = library.call("POST", "/files", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, status)
    assert library.list()["result"] == []


def test_every_rule_has_its_default_again_after_a_reset(box):
    before = box.world()
    box.world(printful_library="account", printful_waiting_s=5, printful_unknown_dpi=72)
    box.reset(frozen=True)
    assert box.world() == before | {"rate_limit": box.world()["rate_limit"]}


@pytest.mark.parametrize(
    ("rule", "value"),
    [("printful_profile", "ancient"), ("printful_waiting_s", -1), ("printful_unknown_dpi", 0)],
)
def test_a_value_that_is_none_is_refused(box, rule, value):
    with pytest.raises(ValueError, match=rule):
        box.world(**{rule: value})


@pytest.mark.behaviour("printful.file.waiting-time")
def test_the_time_that_a_file_waits_can_be_chosen_and_have_no_end(library, box):
    first = library.add(box.add_asset("a.png", picture()))["id"]
    box.advance(9)
    assert library.get(first)["status"] == "waiting"
    box.advance(1)
    assert library.get(first)["status"] == "ok"
    box.world(printful_waiting_s=600)
    second = library.add(box.add_asset("b.png", picture()))["id"]
    box.advance(599)
    assert library.get(second)["status"] == "waiting"
    box.world(printful_processing="stuck")
    box.advance(10_000)
    assert library.get(second)["status"] == "waiting"
    box.world(printful_processing="normal")
    box.advance(10_000)
    assert library.get(second)["status"] == "ok"


def test_every_file_can_fail_whatever_it_is(library, box):
    box.world(printful_processing="failed")
    file = library.processed(box.add_asset("a.png", picture()))
    assert (file["status"], file["filename"]) == ("failed", "a.png")
    assert {name: file[name] for name in FAILED} == FAILED


@pytest.mark.behaviour("printful.file.early-hash", "printful.file.hash-waiting")
def test_name_and_hash_may_be_there_while_a_file_still_waits(library, box):
    data = picture()
    plain = library.add(box.add_asset("plain.png", data))["id"]
    box.world(printful_early_hash=True)
    early = library.add(box.add_asset("early.png", data))["id"]
    bad = library.add(box.add_asset("bad.png", b"no picture"))["id"]
    box.advance(5)
    assert [library.get(plain)[name] for name in ("status", "hash", "filename")] == ["waiting", None, None]
    file = library.get(early)
    assert [file[name] for name in ("status", "hash", "filename")] == [
        "waiting",
        hashlib.md5(data).hexdigest(),
        "early.png",
    ]
    assert [file[name] for name in ("size", "mime_type", "width", "thumbnail_url")] == [0, None, None, None]
    assert library.get(bad)["hash"] is None
    box.advance(5)
    assert [library.get(one)["status"] for one in (plain, early, bad)] == ["ok", "ok", "failed"]
    late = library.add(box.add_asset("late.png", data))["id"]
    box.advance(5)
    assert library.get(late)["hash"] == hashlib.md5(data).hexdigest()
    box.world(printful_processing="failed")
    box.advance(5)
    assert {name: library.get(late)[name] for name in FAILED} == FAILED


@pytest.mark.behaviour("printful.add.failed-again", "printful.file.transitions")
def test_a_failed_file_is_kept_or_revived_when_it_is_added_again(library, box):
    url = box.add_asset("a.png", b"no picture")
    failed = library.processed(url)
    box.add_asset("a.png", picture())
    box.advance(10_000)
    assert library.add(url) == failed
    box.world(printful_failed_again="revived")
    revived = library.add(url)
    assert (revived["id"], revived["status"]) == (failed["id"], "waiting")
    box.advance(60)
    assert library.get(failed["id"])["status"] == "ok"
    assert library.add(url)["status"] == "ok", "only what has failed is revived"


@pytest.mark.behaviour("printful.add.repeat-keeps")
def test_an_add_again_changes_name_type_and_visibility_where_the_world_has_it(library, box):
    first = library.add(ART, type="back", filename="a.png")
    assert library.add(ART, type="front", filename="b.png", visible=False) == first
    box.world(printful_repeat_changes=True)
    changed = library.add(ART, type="front", filename="b.png", visible=False)
    assert changed == first | {"type": "front", "filename": "b.png", "visible": False}
    assert library.get(first["id"]) == changed


@pytest.mark.behaviour("printful.add.exact-url")
def test_urls_can_be_normalised_before_they_are_compared(library, box):
    same = ["http://Art.example.test/a?v=1", "HTTP://art.example.test:80/a?v=1#top"]
    others = ["http://art.example.test/A?v=1", "http://art.example.test/a?v=2", "http://[/"]
    box.world(printful_same_url="normalised", printful_bad_url="failed")
    assert len({library.add(url)["id"] for url in same}) == 1
    assert len({library.add(url)["id"] for url in same + others}) == 4
    box.world(printful_same_url="exact")
    assert library.add(same[1])["id"] != library.add(same[0])["id"]


@pytest.mark.behaviour("printful.add.per-store")
def test_an_account_can_have_one_library_for_all_stores(library, box):
    box.world(printful_account_token=True, printful_library="account")
    found = []
    for store in ("11001", "11002"):
        headers = bearer(ACCOUNT) | {"X-PF-Store-Id": store}
        number = library.call("POST", "/files", headers=headers, json={"url": ART}).json()["result"]["id"]
        found.append((number, library.call("GET", f"/files/{number}", headers=headers).status_code))
        assert library.call("GET", "/files", headers=headers).json()["paging"]["total"] == 1
    assert found[0] == found[1] == (found[0][0], 200)


@pytest.mark.behaviour("printful.add.id")
def test_an_id_in_the_body_is_ignored_refused_or_names_the_file(library, box):
    box.world(printful_posted_id="refused")
    refused(library, url=ART, id=5)
    box.world(printful_posted_id="returned")
    file = library.add(ART)
    assert library.call("POST", "/files", json={"id": file["id"]}).json()["result"] == file
    assert library.call("POST", "/files", json={"id": 5}).status_code == 404
    assert library.call("POST", "/files", json={"id": [5]}).status_code == 404
    assert library.call("POST", "/files", json={"id": 5, "url": ART}).json()["result"] == file


@pytest.mark.behaviour("printful.add.unknown-fields")
def test_unknown_fields_are_refused_where_the_world_has_it(library, box):
    box.world(printful_unknown_fields="refused")
    refused(library, url=ART, colour="red")
    refused(library, url=ART, data="aGVsbG8=")
    assert library.call("POST", "/v2/files", json={"url": ART, "options": []}).status_code == 400
    full = {"url": ART, "id": 5, "type": "back", "filename": "a.png", "visible": 1, "options": []}
    assert library.call("POST", "/files", json=full).status_code == 200


@pytest.mark.behaviour("printful.file.type-unknown")
def test_an_unknown_type_is_refused_where_the_world_has_it(library, box):
    box.world(printful_unknown_type="refused")
    refused(library, url=ART, type="elsewhere")
    known = ("default", "preview", "mockup", "label_inside", "shoe_tongue_left", "embroidery_chest_center")
    for number, kind in enumerate(known):
        assert library.add(f"{ART}?{number}", type=kind)["type"] == kind
    box.world(printful_unknown_type="kept")
    assert library.add(f"{ART}?x", type="elsewhere")["type"] == "elsewhere"


@pytest.mark.behaviour("printful.file.visible-values")
@pytest.mark.parametrize(
    ("rule", "taken", "not_taken"),
    [
        ("strings", [(0, False), ("0", False), ("1", True)], ["true", "false", "", 2]),
        ("strict", [(0, False), (1, True), (True, True)], ["0", "1", "true", 2]),
        ("any", [("false", False), ("", False), ("0", False), ("yes", True), (2, True)], [[], {}]),
    ],
)
def test_what_visible_may_be_is_a_rule(library, box, rule, taken, not_taken):
    box.world(printful_visible=rule)
    for value in not_taken:
        refused(library, url=ART, visible=value)
    for number, (value, shown) in enumerate(taken):
        assert library.add(f"{ART}?{number}", visible=value)["visible"] is shown


@pytest.mark.behaviour("printful.add.empty-url", "printful.add.not-http")
@pytest.mark.parametrize(
    "url", ["", "ftp://example.test/a.png", "data:image/png;base64,aGk=", "a.png", "http://["]
)
def test_an_impossible_url_is_refused_at_once_or_fails_later(library, box, url):
    refused(library, url=url)
    box.world(printful_bad_url="failed")
    file = library.processed(url)
    assert (file["url"], file["status"], {name: file[name] for name in FAILED}) == (url, "failed", FAILED)
    assert library.call("POST", "/files", json={}).status_code == 400, "none at all is refused in any world"


@pytest.mark.behaviour("printful.add.wrong-format")
def test_a_source_that_is_no_artwork_can_be_refused_at_once(library, box):
    box.world(printful_wrong_format="refused")
    url = box.add_asset("a.png", b"no picture")
    refused(library, url=url)
    box.add_asset("a.png", picture())
    assert library.processed(url)["status"] == "ok"
    assert library.processed(ART)["status"] == "failed", "what cannot be reached is still seen later"


@pytest.mark.behaviour("printful.add.no-bytes", "printful.add.bad-bytes")
def test_bytes_are_taken_in_place_of_a_url_where_the_world_has_it(library, box):
    data = picture()
    text = base64.b64encode(data).decode()
    ways = [
        {"json": {"data": text}},
        {"json": {"file": f"data:image/png;base64,{text}", "filename": "mine.png"}},
        {"files": {"file": ("a.png", data, "image/png")}, "data": {"type": "back", "visible": "0"}},
    ]
    assert [library.call("POST", "/files", **way).status_code for way in ways] == [400, 400, 400]
    box.world(printful_byte_upload=True)
    numbers = [library.call("POST", "/files", **way).json()["result"]["id"] for way in ways]
    box.advance(60)
    files = [library.get(number) for number in numbers]
    assert len(set(numbers)) == 3
    assert {(file["status"], file["url"], file["hash"]) for file in files} == {
        ("ok", None, hashlib.md5(data).hexdigest())
    }
    assert (files[1]["filename"], files[2]["type"], files[2]["visible"]) == ("mine.png", "back", False)
    for body in ({"data": "?"}, {"data": "bm8gcGljdHVyZQ=="}, {"data": 5}, {"data": ""}):
        assert library.call("POST", "/files", json=body).status_code == 400
    headers = bearer("printful_sandbox") | {"Content-Type": "multipart/form-data"}
    plain = json.dumps({"url": ART}).encode()
    assert library.call("POST", "/files", headers=headers, data=plain).json()["result"]["url"] == ART
    assert library.call("POST", "/files", headers=headers, data=b"--x").status_code == 400


@pytest.mark.behaviour("printful.source.max-side")
def test_the_longest_side_of_a_picture_can_be_limited(library, box):
    box.world(printful_max_side=599)
    assert library.processed(box.add_asset("a.png", picture()))["status"] == "failed"
    box.world(printful_max_side=600)
    assert library.processed(box.add_asset("b.png", picture()))["status"] == "ok"
    box.world(printful_max_side=0)
    tall = box.add_asset("c.png", picture(mode="1", size=(30, 30_000), colour=1))
    assert library.processed(tall)["height"] == 30_000


@pytest.mark.behaviour("printful.source.psd-tiff-ai", "printful.source.png-jpeg-pdf", "printful.file.mime")
def test_deprecated_formats_are_ok_until_the_modern_world_lets_them_fail(library, box):
    artwork = {
        "a.png": (picture(), "image/png"),
        "a.jpg": (picture("JPEG"), "image/jpeg"),
        "a.pdf": (letter_pdf(["one"]), "application/pdf"),
        "a.ai": (letter_pdf(["two"]), "application/pdf"),
        "b.pdf": (letter_pdf(["three"]) + b"% /AIPrivateData1\n", "application/pdf"),
        "a.psd": (psd(), "image/x-psd"),
        "a.tiff": (picture("TIFF"), "image/tiff"),
    }
    urls = {name: box.add_asset(name, data) for name, (data, _) in artwork.items()}

    def outcomes(version: str) -> dict[str, str]:
        files = {name: library.processed(f"{url}?{version}") for name, url in urls.items()}
        for name, file in files.items():
            assert file["mime_type"] in (artwork[name][1], None)
        return {name: file["status"] for name, file in files.items()}

    fine = dict.fromkeys(artwork, "ok")
    assert outcomes("legacy") == fine
    box.world(printful_deprecated_formats="failed")
    assert outcomes("legacy and strict") == fine
    box.world(printful_profile="modern")
    late = ("a.ai", "b.pdf", "a.psd", "a.tiff")
    assert outcomes("modern and strict") == fine | dict.fromkeys(late, "failed")
    box.world(printful_deprecated_formats="ok")
    assert outcomes("modern") == fine


@pytest.mark.behaviour("printful.file.dpi-unknown", "printful.file.dpi")
def test_a_picture_without_a_density_has_none_or_72_dpi(library, box):
    url = box.add_asset("a.png", picture())
    assert library.processed(url)["dpi"] is None
    box.world(printful_unknown_dpi=72)
    assert library.processed(url + "?2")["dpi"] == 72
    dense = box.add_asset("b.png", picture(dpi=(150, 150)))
    assert library.processed(dense)["dpi"] == 150


@pytest.mark.behaviour("printful.file.name-spaces")
def test_spaces_in_a_name_become_dashes_or_stay(library, box):
    url = "http://example.test/my%20wave%20(1).png"
    assert library.processed(url)["filename"] == "my-wave-(1).png"
    box.world(printful_spaces="kept")
    assert library.processed(url + "?2")["filename"] == "my wave (1).png"


@pytest.mark.behaviour("printful.list.bad-status")
def test_an_unknown_status_is_ignored_where_the_world_has_it(library, box):
    library.add(ART)
    assert library.call("GET", "/files?status=done").status_code == 400
    box.world(printful_bad_status="ignored")
    assert library.list(status="done")["paging"]["total"] == 1
    assert library.list(status="ok")["paging"]["total"] == 0


@pytest.mark.behaviour("printful.list.bad-page")
@pytest.mark.parametrize(
    ("rule", "pages"),
    [
        ("mixed", {"limit=101": 100, "limit=0": None, "limit=x": None, "offset=-1": None}),
        (
            "refused",
            {"limit=100": 100, "limit=101": None, "limit=0": None, "limit=x": None, "offset=-1": None},
        ),
        ("clamped", {"limit=101": 100, "limit=0": 1, "limit=-5": 1, "limit=x": 20, "offset=-1": 20}),
    ],
)
def test_bounds_of_a_page_are_a_rule(library, box, rule, pages):
    box.world(printful_bad_page=rule)
    for query, limit in pages.items():
        answer = library.call("GET", f"/files?{query}")
        assert answer.status_code == (400 if limit is None else 200), query
        if limit is not None:
            assert answer.json()["paging"] == {"total": 0, "offset": 0, "limit": limit}


@pytest.mark.behaviour("printful.list.ties", "printful.file.id-order")
def test_ids_and_the_order_within_a_second_are_rules(library, box):
    box.world(printful_ids="ascending", printful_ties="lower_id")
    ids = [library.add(f"{ART}?{number}")["id"] for number in range(30)]
    assert ids == sorted(ids)
    assert [file["id"] for file in library.list(limit=100)["result"]] == ids
    box.world(printful_ids="mixed", printful_ties="higher_id")
    more = [library.add(f"{ART}?more{number}")["id"] for number in range(300)]
    assert more != sorted(more)
    assert len({*ids, *more}) == 330
    listed = [file["id"] for file in library.list(limit=100)["result"]]
    assert listed == sorted(ids + more, reverse=True)[:100]


def test_the_psd_of_these_tests_is_one():
    with Image.open(io.BytesIO(psd())) as image:
        assert (image.format, image.size) == ("PSD", (60, 40))
