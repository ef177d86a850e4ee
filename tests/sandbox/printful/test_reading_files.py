from __future__ import annotations

import base64
import hashlib

import pytest

from tests.sandbox.printful.conftest import picture


def fill(library, count: int) -> list[int]:
    """Add files, one a second; the ids, newest first."""
    ids = []
    for number in range(count):
        ids.append(library.add(f"http://example.test/{number}.png")["id"])
        library.box.advance(1)
    return ids[::-1]


@pytest.mark.behaviour(
    "printful.list.live",
    "printful.list.page",
    "printful.list.order",
    "printful.envelope.paging",
    "printful.envelope.success",
    "printful.envelope.key-order",
    "printful.file.id-order",
)
def test_the_list_shows_twenty_files_newest_first(library):
    ids = fill(library, 23)
    assert ids != sorted(ids, reverse=True), "a younger file may have a lower id"
    found = library.list()
    assert list(found) == ["code", "result", "paging"]
    assert [file["id"] for file in found["result"]] == ids[:20]
    assert found["paging"] == {"total": 23, "offset": 0, "limit": 20}


@pytest.mark.behaviour("printful.list.ties")
def test_of_two_files_from_one_second_the_higher_id_comes_first(library):
    ids = [library.add(f"http://example.test/{number}.png")["id"] for number in range(3)]
    assert [file["id"] for file in library.list()["result"]] == sorted(ids, reverse=True)


@pytest.mark.behaviour("printful.list.page", "printful.list.echo", "printful.list.total")
def test_offset_and_limit_cut_the_list(library):
    ids = fill(library, 5)
    found = library.list(offset=1, limit=2)
    assert [file["id"] for file in found["result"]] == ids[1:3]
    assert found["paging"] == {"total": 5, "offset": 1, "limit": 2}


@pytest.mark.behaviour("printful.list.empty-page")
def test_an_offset_behind_the_end_gives_an_empty_page(library):
    fill(library, 2)
    for offset in (10, 5000, 10**12):
        found = library.list(offset=offset)
        assert (found["result"], found["paging"]) == ([], {"total": 2, "offset": offset, "limit": 20})


@pytest.mark.behaviour("printful.list.limit", "printful.list.bad-page", "printful.list.echo")
def test_a_limit_above_100_counts_as_100(library):
    ids = [library.add(f"http://example.test/{number}.png")["id"] for number in range(102)]
    for limit in (100, 101, 500, "9" * 30):
        found = library.list(limit=limit)
        assert (found["paging"], len(found["result"])) == (
            {"total": len(ids), "offset": 0, "limit": 100},
            100,
        )


@pytest.mark.behaviour("printful.list.bad-page", "printful.list.bad-status", "printful.errors.bad-request")
@pytest.mark.parametrize(
    "query",
    [
        *[{"limit": limit} for limit in (0, -1, "many", "1.5", "-" + "9" * 30)],
        *[{"offset": offset} for offset in (-1, "x")],
        *[{"status": status} for status in ("done", "deleted")],
    ],
)
def test_nonsense_in_the_query_is_a_bad_request(library, query):
    answer = library.call("GET", "/files", params=query)
    assert (answer.status_code, answer.json()["error"]["reason"]) == (400, "BadRequest")


@pytest.mark.behaviour("printful.list.empty-parameters")
def test_empty_parameters_count_as_not_given(library):
    fill(library, 1)
    assert library.list(status="", limit="", offset="")["paging"] == {"total": 1, "offset": 0, "limit": 20}


@pytest.mark.behaviour(
    "printful.list.status",
    "printful.list.status-values",
    "printful.list.total-filtered",
    "printful.file.status",
)
def test_the_status_filters_and_the_total_counts_what_it_leaves(library, box):
    good = library.add(box.add_asset("a.png", picture()))["id"]
    bad = library.add(box.add_asset("b.png", b"no picture"))["id"]
    box.advance(60)
    new = library.add(box.add_asset("c.png", picture()))["id"]
    for status, number in (("ok", good), ("failed", bad), ("waiting", new)):
        found = library.list(status=status)
        assert [file["id"] for file in found["result"]] == [number]
        assert found["paging"]["total"] == 1


@pytest.mark.behaviour("printful.list.every-kind", "printful.file.url-null", "printful.add.bad-bytes")
def test_files_without_a_url_and_previews_are_listed_too(library, box):
    box.world(printful_byte_upload=True)
    data = base64.b64encode(picture()).decode()
    answer = library.call("POST", "/files", json={"data": data, "type": "preview"})
    uploaded = answer.json()["result"]
    assert (answer.status_code, uploaded["status"], uploaded["url"]) == (200, "waiting", None)
    refused = library.call("POST", "/files", json={"data": "bm8gcGljdHVyZQ=="})
    assert (refused.status_code, refused.json()["error"]["reason"]) == (400, "BadRequest")
    box.advance(60)
    [listed] = library.list()["result"]
    assert (listed["id"], listed["type"], listed["status"]) == (uploaded["id"], "preview", "ok")
    assert (listed["url"], listed["filename"]) == (None, f"{listed['id']}.png")
    assert listed["hash"] == hashlib.md5(picture()).hexdigest()


@pytest.mark.behaviour("printful.list.shifts")
def test_a_file_added_between_two_pages_moves_the_others_back(library):
    ids = fill(library, 4)
    first = library.list(limit=2)["result"]
    fill_one = library.add("http://example.test/new.png")["id"]
    second = library.list(limit=2, offset=2)["result"]
    assert [file["id"] for file in first + second] == [ids[0], ids[1], ids[1], ids[2]]
    assert library.list()["result"][0]["id"] == fill_one


@pytest.mark.behaviour("printful.get.one", "printful.envelope.success", "printful.envelope.extra-files")
def test_one_file_is_read_by_its_id(library):
    file = library.add("http://example.test/a.png")
    answer = library.call("GET", f"/files/{file['id']}")
    assert (answer.status_code, answer.json()) == (200, {"code": 200, "result": file})


@pytest.mark.behaviour("printful.list.hidden")
def test_hidden_files_are_listed_too(library):
    number = library.add("http://example.test/a.png", visible=0)["id"]
    assert [(file["id"], file["visible"]) for file in library.list()["result"]] == [(number, False)]


@pytest.mark.behaviour("printful.list.gone", "printful.list.gone-body", "printful.v2.no-list")
def test_the_list_can_be_gone_as_it_is_today(library, box):
    box.world(printful_list="gone")
    for path in ("/files", "/v2/files"):
        answer = library.call("GET", path)
        error = {"reason": "Gone", "message": "Gone"}
        body = {"code": 410, "result": "Gone"} if path == "/files" else {"data": "Gone"}
        assert (answer.status_code, answer.json()) == (410, body | {"error": error})
    assert library.add("http://example.test/a.png")["status"] == "waiting"


@pytest.mark.behaviour(
    "printful.get.unknown",
    "printful.get.not-a-number",
    "printful.get.no-external-ids",
    "printful.envelope.error",
)
@pytest.mark.parametrize("number", ["999999999", "@wave.png", "0", "-1", "abc", "@me", "1.5", "9" * 40])
def test_an_unknown_id_is_not_found(library, number):
    answer = library.call("GET", f"/files/{number}")
    assert answer.status_code == 404
    assert answer.json() == {
        "code": 404,
        "result": "Not found",
        "error": {"reason": "NotFound", "message": "Not found"},
    }


@pytest.mark.behaviour("printful.get.deleted")
def test_a_file_deleted_on_the_pages_of_the_service_has_that_status_in_the_second_version_only(library, box):
    url = box.add_asset("wave.png", picture())
    file = library.processed(url)
    control = f"{box.url}/_sandbox/printful/files/{file['id']}"
    assert library.session.delete(control, timeout=10).json() == {"id": file["id"]}
    assert library.session.delete(control + "9", timeout=10).status_code == 404
    assert library.call("GET", f"/files/{file['id']}").status_code == 404
    assert library.call("GET", f"/v2/files/{file['id']}").json()["data"]["status"] == "deleted"
    assert library.list()["paging"]["total"] == 0
    assert library.add(url)["id"] != file["id"]
