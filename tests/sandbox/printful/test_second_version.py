from __future__ import annotations

import base64
import re

import pytest

from tests.sandbox.printful.conftest import ACCOUNT, bearer, picture

FIELDS = [
    *("id", "url", "hash", "filename", "mime_type", "size", "width", "height", "dpi", "status", "created"),
    *("thumbnail_url", "preview_url", "visible", "is_temporary", "_links"),
]


def add(library, url: str, **fields):
    return library.call("POST", "/v2/files", json={"url": url, **fields})


@pytest.mark.behaviour(
    "printful.v2.add", "printful.v2.fields", "printful.v2.created", "printful.wire.no-prefix"
)
def test_a_file_is_added_and_read_in_the_shape_of_the_second_version(library, box):
    url = box.add_asset("wave.png", picture())
    answer = add(library, url, filename="mine.png", visible=False)
    assert (answer.status_code, list(answer.json()), answer.json()["extra"]) == (200, ["data", "extra"], [])
    file = answer.json()["data"]
    assert list(file) == FIELDS
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", file["created"])
    assert (file["status"], file["filename"], file["visible"]) == ("waiting", "mine.png", False)
    assert (file["hash"], file["size"], file["is_temporary"]) == (None, 0, False)
    link = file["_links"]["self"]["href"]
    assert link == f"{box.printful_url}/v2/files/{file['id']}"
    box.advance(60)
    again = library.session.get(link, headers=bearer("printful_sandbox"), timeout=10)
    assert (again.json()["data"]["status"], again.json()["data"]["width"]) == ("ok", 600)


@pytest.mark.behaviour("printful.v2.nullable")
def test_nothing_but_what_is_not_known_yet_is_null(library, box):
    box.world(printful_byte_upload=True)
    unknown = {"hash", "filename", "mime_type", "width", "height", "dpi", "thumbnail_url", "preview_url"}
    for body in ({"url": "http://example.test/a.png"}, {"data": base64.b64encode(picture()).decode()}):
        file = library.call("POST", "/v2/files", json=body).json()["data"]
        assert {name for name, value in file.items() if value is None} == unknown


@pytest.mark.behaviour("printful.v2.role", "printful.v2.bad-role", "printful.v2.type-ignored")
def test_a_role_is_one_of_three_and_is_not_returned(library):
    for number, role in enumerate(("printfile", "label", "preview", None)):
        answer = add(library, f"http://example.test/{number}.png", role=role, type="back")
        assert answer.status_code == 200
        assert not {"role", "type"} & set(answer.json()["data"])
    assert {file["type"] for file in library.list()["result"]} == {"default", "label", "preview"}
    assert add(library, "http://example.test/x.png", role="default").status_code == 400
    assert add(library, "http://example.test/y.png", options="of the first version").status_code == 200
    assert library.list()["paging"]["total"] == 5


@pytest.mark.behaviour("printful.v2.same-library")
def test_both_versions_show_the_same_files(library, box):
    url = box.add_asset("wave.png", picture())
    file = library.add(url)
    data = add(library, url, filename="other.png").json()["data"]
    assert (data["id"], data["filename"]) == (file["id"], None)
    assert library.call("GET", f"/v2/files/{file['id']}").json()["data"] == data
    other = add(library, url + "?v=2").json()["data"]
    assert library.get(other["id"])["url"] == url + "?v=2"


@pytest.mark.behaviour("printful.v2.store", "printful.v2.errors")
def test_an_account_selects_its_store_as_in_the_first_version(library, box):
    box.world(printful_account_token=True)
    url = "http://example.test/a.png"
    nowhere = library.call("POST", "/v2/files", headers=bearer(ACCOUNT), json={"url": url})
    text = "This endpoint requires `store_id`!"
    assert nowhere.status_code == 400
    assert nowhere.json() == {"data": text, "error": {"reason": "BadRequest", "message": text}}
    headers = bearer(ACCOUNT) | {"X-PF-Store-Id": "11002"}
    number = library.call("POST", "/v2/files", headers=headers, json={"url": url}).json()["data"]["id"]
    assert library.call("GET", f"/v2/files/{number}", headers=headers).status_code == 200
    assert library.call("GET", f"/v2/files/{number}").status_code == 404


@pytest.mark.behaviour("printful.v2.errors", "printful.errors.unknown-path", "printful.errors.wrong-method")
@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "message", "reason"),
    [
        ("GET", "/v2/files/5", None, 404, "Not found", "NotFound"),
        ("GET", "/v2/nowhere", {}, 404, "Page not found.", "NotFound"),
        ("DELETE", "/v2/files/5", {}, 404, "Not found", "NotFound"),
        ("GET", "/v2/files/5", {}, 401, "Unauthorized", "Unauthorized"),
    ],
)
def test_errors_of_the_second_version_hold_their_message_as_data(
    library, method, path, headers, status, message, reason
):
    answer = library.call(method, path, headers=headers)
    assert answer.status_code == status
    assert answer.json() == {"data": message, "error": {"reason": reason, "message": message}}


@pytest.mark.behaviour("printful.v2.problem")
@pytest.mark.parametrize(
    "body",
    [b"{", b"{}", b'{"url": ""}', b'{"url": "ftp://example.test/a"}', b'{"url": "http://x.test", "role": 5}'],
)
def test_a_wrong_field_is_a_problem_with_title_and_detail(library, body):
    answer = library.call("POST", "/v2/files", data=body)
    found = answer.json()
    assert (answer.status_code, sorted(found)) == (400, ["detail", "instance", "status", "title", "type"])
    assert (found["status"], found["title"]) == (400, "Bad Request")
    assert found["detail"]


@pytest.mark.behaviour("printful.v2.errors-documented")
def test_errors_may_have_the_form_of_the_first_version(library, box):
    box.world(printful_v2_errors="documented")
    error = {"reason": "NotFound", "message": "Not found"}
    assert library.call("GET", "/v2/files/5").json() == {"code": 404, "result": "Not found", "error": error}
    message = "Missing required parameters"
    error = {"reason": "BadRequest", "message": message}
    assert add(library, "").json() == {"code": 400, "result": message, "error": error}


@pytest.mark.behaviour("printful.v2.server")
def test_a_server_error_is_a_problem_with_details(library, box):
    box.fault(method="GET", route="/printful/v2/files/{id}", phase="before", kind="status", status=503)
    answer = library.call("GET", "/v2/files/5")
    found = answer.json()
    assert sorted(found) == ["details", "instance", "status", "title", "type"]
    assert (answer.status_code, found["status"], found["title"]) == (503, 503, "Service Unavailable")


@pytest.mark.behaviour("printful.v2.no-list")
def test_the_second_version_has_no_list_in_any_world(library, box):
    for rule in ("live", "gone"):
        box.world(printful_list=rule)
        answer = library.call("GET", "/v2/files")
        assert (answer.status_code, answer.json()["data"]) == (410, "Gone")
    assert library.call("GET", "/v2/files", headers={}).status_code == 401
