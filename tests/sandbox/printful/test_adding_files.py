from __future__ import annotations

import hashlib
import threading

import pytest
import requests

from tests.sandbox.printful.conftest import ACCOUNT, bearer, picture

FIELDS = [
    *("id", "type", "hash", "url", "filename", "mime_type", "size", "width", "height", "dpi", "status"),
    *("created", "thumbnail_url", "preview_url", "visible"),
]


@pytest.mark.behaviour(
    "printful.add.answer",
    "printful.add.waiting",
    "printful.file.fields",
    "printful.file.waiting-shape",
    "printful.file.size",
    "printful.file.type-default",
    "printful.file.created",
    "printful.file.hash-waiting",
    "printful.file.name-later",
)
def test_a_new_file_waits_and_says_nothing_yet_about_its_content(library, box):
    url = box.add_asset("wave.png", picture())
    file = library.add(url)
    assert list(file) == FIELDS
    assert file["status"] == "waiting"
    assert file["size"] == 0
    unknown = ["hash", "filename", "mime_type", "width", "height", "dpi", "thumbnail_url", "preview_url"]
    assert [file[name] for name in unknown] == [None] * 8
    assert (file["type"], file["visible"], file["url"]) == ("default", True, url)
    assert file["created"] == int(box.now())
    assert isinstance(file["id"], int)
    given = library.add(url + "?given", filename="mine.png")
    assert (given["status"], given["filename"]) == ("waiting", "mine.png")


@pytest.mark.behaviour(
    "printful.file.hash",
    "printful.file.size",
    "printful.file.measures",
    "printful.file.dpi",
    "printful.file.status",
    "printful.file.name-later",
    "printful.file.mime",
)
def test_a_waiting_file_becomes_ok_when_the_clock_has_moved_on(library, box):
    data = picture(dpi=(300, 300))
    file = library.add(box.add_asset("wave.png", data))
    assert library.get(file["id"])["status"] == "waiting"
    box.advance(60)
    done = library.get(file["id"])
    assert done["status"] == "ok"
    assert done["hash"] == hashlib.md5(data).hexdigest()
    assert done["size"] == len(data)
    assert (done["width"], done["height"], done["dpi"]) == (600, 400, 300)
    assert (done["filename"], done["mime_type"]) == ("wave.png", "image/png")
    assert (done["id"], done["created"]) == (file["id"], file["created"])


def test_a_frozen_clock_keeps_a_file_waiting_for_ever(library, box):
    file = library.add(box.add_asset("wave.png", picture()))
    box.advance(5)
    assert library.get(file["id"])["status"] == "waiting"


@pytest.mark.behaviour(
    "printful.add.same-url",
    "printful.add.any-status",
    "printful.add.repeat-keeps",
    "printful.add.answer",
    "printful.file.transitions",
)
def test_the_same_url_gives_the_old_record_although_its_content_changed(library, box):
    url = box.add_asset("wave.png", picture())
    first = library.processed(url, filename="mine.png", visible=False)
    box.add_asset("wave.png", picture(size=(10, 10)))
    again = library.add(url, filename="other.png", type="back", visible=True)
    assert again == first
    box.advance(60)
    assert library.get(first["id"]) == first
    assert library.list()["paging"]["total"] == 1


@pytest.mark.behaviour("printful.add.changed-url", "printful.add.not-by-content")
def test_another_version_in_the_url_is_a_new_file_with_the_same_hash(library, box):
    url = box.add_asset("wave.png", picture())
    first, second = library.processed(url), library.processed(url + "?v=2")
    assert first["id"] != second["id"]
    assert first["hash"] == second["hash"]
    assert second["filename"] == "wave.png"


@pytest.mark.behaviour("printful.add.exact-url")
def test_urls_are_compared_to_the_letter(library, box):
    url = box.add_asset("wave.png", picture())
    assert (
        len({library.add(one)["id"] for one in (url, url + "#a", url + "?", url.replace("http:", "HTTP:"))})
        == 4
    )


@pytest.mark.behaviour("printful.add.repeat-safe")
def test_the_same_url_at_the_same_time_gives_one_file(library, box):
    url = box.add_asset("wave.png", picture())
    ids: list[int] = []
    threads = [threading.Thread(target=lambda: ids.append(library.add(url)["id"])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 8
    assert len(set(ids)) == 1


@pytest.mark.behaviour("printful.add.per-store")
def test_each_store_has_its_own_file_for_a_url(library, box):
    box.world(printful_account_token=True)
    url = box.add_asset("wave.png", picture())
    ids = []
    for store in ("11001", "11002"):
        headers = bearer(ACCOUNT) | {"X-PF-Store-Id": store}
        ids.append(library.call("POST", "/files", headers=headers, json={"url": url}).json()["result"]["id"])
    assert ids[0] != ids[1]


@pytest.mark.behaviour("printful.file.given-name", "printful.file.type-free")
def test_a_given_name_and_type_are_kept(library, box):
    url = box.add_asset("wave.png", picture())
    file = library.processed(url, type="label_inside", filename="My wave (1).png")
    assert (file["type"], file["filename"]) == ("label_inside", "My wave (1).png")
    other = library.processed(url + "?v=2", type="preview", filename="wave.pdf")
    assert (other["type"], other["filename"], other["mime_type"]) == ("preview", "wave.pdf", "image/png")
    assert library.add(url + "?v=3", type="anything at all")["type"] == "anything at all"
    empty = library.add(url + "?v=4", type="", filename="")
    assert (empty["type"], empty["filename"]) == ("default", None)


@pytest.mark.behaviour("printful.file.visible", "printful.file.visible-values")
@pytest.mark.parametrize(
    ("given", "shown"), [(0, False), (1, True), (False, False), ("0", False), ("1", True), (None, True)]
)
def test_visible_is_shown_as_true_or_false_whatever_was_sent(library, box, given, shown):
    assert library.add(box.add_asset("wave.png", picture()), visible=given)["visible"] is shown


@pytest.mark.behaviour(
    "printful.add.id",
    "printful.add.unknown-fields",
    "printful.add.options",
    "printful.file.no-options",
    "printful.file.no-order-fields",
)
def test_an_id_and_unknown_fields_in_the_body_are_ignored(library, box):
    file = library.add(
        box.add_asset("wave.png", picture()),
        id=5,
        colour="red",
        options=[{"id": "full_color", "value": True}, {"id": "template_type", "value": "native"}],
    )
    assert file["id"] != 5
    assert list(file) == FIELDS
    assert list(library.processed(file["url"])) == FIELDS


@pytest.mark.behaviour(
    "printful.errors.bad-request",
    "printful.envelope.error",
    "printful.envelope.key-order",
    "printful.add.not-http",
    "printful.add.empty-url",
    "printful.add.no-bytes",
    "printful.errors.wrong-type",
    "printful.file.visible-values",
)
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"url": ""},
        {"url": None},
        {"data": "aGVsbG8="},
        {"url": 5},
        {"url": "ftp://example.test/a.png"},
        {"url": "data:image/png;base64,aGVsbG8="},
        {"url": "no address"},
        {"url": "http://example.test:nonsense/a.png"},
        {"url": "http://example.test/a.png", "visible": "yes"},
        {"url": "http://example.test/a.png", "visible": 2},
        {"url": "http://example.test/a.png", "filename": 7},
        {"url": "http://example.test/a.png", "type": ["default"]},
        {"url": "http://example.test/a.png", "options": "full_color"},
        {"url": "http://example.test/a.png", "options": ["full_color"]},
        {"url": "http://example.test/a.png", "options": [{"id": 5, "value": True}]},
    ],
)
def test_a_faulty_request_is_a_bad_request_and_adds_nothing(library, body):
    answer = library.call("POST", "/files", json=body)
    assert answer.status_code == 400
    found = answer.json()
    assert list(found) == ["code", "result", "error"]
    assert found["code"] == 400
    assert found["error"] == {"reason": "BadRequest", "message": found["result"]}
    assert library.list()["result"] == []


@pytest.mark.behaviour("printful.add.url-only", "printful.errors.bad-request")
def test_only_the_url_is_required_and_its_absence_has_the_text_of_the_documentation(library):
    message = "Missing required parameters"
    answer = library.call("POST", "/files", json={"type": "default", "filename": "a.png", "visible": True})
    error = {"reason": "BadRequest", "message": message}
    assert (answer.status_code, answer.json()) == (400, {"code": 400, "result": message, "error": error})
    assert library.call("POST", "/files", json={"url": "http://example.test/a.png"}).status_code == 200


@pytest.mark.behaviour("printful.add.no-bytes")
def test_a_form_with_a_file_counts_as_a_missing_url(library):
    parts = {"file": ("a.png", picture(), "image/png")}
    answer = library.call("POST", "/files", files=parts, data={"type": "default"})
    assert (answer.status_code, answer.json()["result"]) == (400, "Missing required parameters")


@pytest.mark.behaviour("printful.add.repeat-safe")
def test_an_add_whose_answer_was_lost_is_repeated_without_harm(library, box):
    box.fault(method="POST", route="/printful/files", phase="after", kind="close")
    with pytest.raises(requests.ConnectionError):
        library.add("http://example.test/a.png")
    again = library.add("http://example.test/a.png")
    assert [file["id"] for file in library.list()["result"]] == [again["id"]]


@pytest.mark.behaviour("printful.errors.malformed")
@pytest.mark.parametrize("raw", [b"{", b"[]", b"url=http://example.test/a.png", b"\xff\xfe"])
def test_a_body_that_is_no_json_object_is_a_bad_request(library, raw):
    assert library.call("POST", "/files", data=raw).status_code == 400


@pytest.mark.behaviour("printful.wire.any-content-type", "printful.wire.escaped-slashes")
@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/x-www-form-urlencoded", "text/plain;charset=UTF-8", "image/png", None],
)
def test_the_body_is_read_as_json_whatever_its_content_type(library, box, content_type):
    url = box.add_asset("wave.png", picture()).replace("/", "\\/")
    headers = bearer("printful_sandbox") | ({"Content-Type": content_type} if content_type else {})
    answer = library.call("POST", "/files", headers=headers, data=b'{"url": "%s"}' % url.encode())
    assert answer.json()["result"]["url"] == url.replace("\\/", "/")


@pytest.mark.behaviour("printful.wire.double-slash", "printful.wire.empty-query", "printful.wire.no-prefix")
def test_double_slashes_and_an_empty_query_are_tolerated(library, box):
    url = box.add_asset("wave.png", picture())
    assert library.call("POST", "//files", json={"url": url}).json()["result"]["url"] == url
    assert len(library.call("GET", "/files?").json()["result"]) == 1


@pytest.mark.behaviour("printful.wire.content-type", "printful.wire.unescaped", "printful.wire.plain-http")
def test_answers_are_json_with_slashes_and_letters_as_they_are(library, box):
    answer = library.call("POST", "/files", json={"url": "http://example.test/blåbær.png"})
    assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
    assert "http://example.test/blåbær.png" in answer.content.decode()


def test_files_that_wait_are_finished_after_a_restart(tmp_path):
    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.printful.conftest import Library

    with PrintSandbox(port=0, rate_limit=0, data=tmp_path) as box:
        box.freeze()
        client = Library(box)
        number = client.add("http://example.test/gone.png")["id"]
        client.session.close()
    with PrintSandbox(port=0, rate_limit=0, data=tmp_path) as box:
        client = Library(box)
        box.advance(60)
        assert client.get(number)["status"] == "failed"
        client.session.close()
