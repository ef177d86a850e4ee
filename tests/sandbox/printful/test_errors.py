from __future__ import annotations

import pytest

from tests.sandbox.printful.conftest import ACCOUNT, bearer, picture


def error(status: int, message: str, reason: str | int) -> dict:
    return {"code": status, "result": message, "error": {"reason": reason, "message": message}}


@pytest.mark.behaviour("printful.errors.route-first", "printful.errors.unknown-path")
@pytest.mark.parametrize("path", ["/nowhere", "/", "/files/5/more", "/files/", "/orders", "/v1/files"])
def test_an_unknown_page_is_found_missing_before_the_credential_is_looked_at(library, path):
    for method in ("GET", "POST", "DELETE"):
        answer = library.call(method, path, headers={})
        assert (answer.status_code, answer.json()) == (404, error(404, "Page not found.", "NotFound"))


@pytest.mark.behaviour(
    "printful.errors.route-first", "printful.errors.wrong-method", "printful.get.no-changes"
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        *[(method, "/files") for method in ("PUT", "PATCH", "DELETE", "OPTIONS")],
        *[(method, "/files/5") for method in ("PUT", "PATCH", "DELETE", "POST")],
        ("POST", "/stores"),
        ("GET", "/oauth/token"),
        ("PUT", "/files/thread-colors"),
    ],
)
def test_a_wrong_method_is_found_missing_before_the_credential_is_looked_at(library, method, path):
    for headers in ({}, None):
        answer = library.call(method, path, headers=headers)
        assert (answer.status_code, answer.json()) == (404, error(404, "Not found", "NotFound"))


@pytest.mark.behaviour("printful.get.no-changes")
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_no_call_of_either_version_changes_a_file(library, method):
    file = library.add("http://example.test/a.png")
    for path in (f"/files/{file['id']}", f"/v2/files/{file['id']}"):
        assert library.call(method, path, json={"visible": False}).status_code == 404
    assert library.get(file["id"]) == file


@pytest.mark.behaviour("printful.get.not-a-number")
def test_an_id_that_is_no_number_is_found_missing_after_the_credential_was_looked_at(library, box):
    assert library.call("GET", "/files/abc", headers={}).status_code == 401
    assert library.call("GET", "/files/thread-colors").json() == error(404, "Not found", "NotFound")
    box.world(printful_bad_id=400)
    for path in ("/files/abc", "/files/1.5", "/files/@mine"):
        answer = library.call("GET", path)
        assert (answer.status_code, answer.json()["error"]["reason"]) == (400, "BadRequest")
    assert library.call("GET", "/files/5").status_code == 404


@pytest.mark.behaviour("printful.errors.malformed")
def test_a_malformed_body_gets_another_status_where_the_world_has_it(library, box):
    for raw in (b"{", b"[]", b"5"):
        assert library.call("POST", "/files", data=raw).json()["code"] == 400
    box.world(printful_listed_errors=True)
    for raw in (b"{", b"[]", b"5"):
        answer = library.call("POST", "/files", data=raw)
        assert (answer.status_code, answer.json()["code"]) == (430, 430)
    assert library.call("POST", "/files", data=b"").status_code == 400, "an empty body lacks the url"


@pytest.mark.behaviour("printful.errors.wrong-type")
@pytest.mark.parametrize(
    "wrong", [{"url": 5}, {"type": 5}, {"filename": {}}, {"visible": []}, {"options": {}}, {"options": [5]}]
)
def test_a_field_of_the_wrong_type_gets_another_status_where_the_world_has_it(library, box, wrong):
    body = {"url": "http://example.test/a.png", **wrong}
    assert library.call("POST", "/files", json=body).status_code == 400
    box.world(printful_listed_errors=True)
    answer = library.call("POST", "/files", json=body)
    assert (answer.status_code, answer.json()["code"]) == (431, 431)
    assert library.list()["result"] == []


@pytest.mark.behaviour("printful.errors.listed", "printful.envelope.error")
@pytest.mark.parametrize("status", [419, 430, 431, 405, 403, 429])
def test_a_status_that_is_only_listed_comes_by_a_fault_rule_in_the_usual_form(library, box, status):
    box.fault(method="GET", route="/printful/files", kind="status", status=status)
    answer = library.call("GET", "/files")
    found = answer.json()
    assert (answer.status_code, list(found), found["code"]) == (status, ["code", "result", "error"], status)
    assert found["result"] == found["error"]["message"] != "Internal server error"


@pytest.mark.behaviour("printful.errors.server")
def test_the_body_of_a_server_error_may_be_anything(library, box):
    box.fault(method="POST", route="/printful/files", phase="before", kind="status", status=500, times=3)

    def failed():
        answer = library.call("POST", "/files", json={"url": "http://example.test/a.png"})
        assert answer.status_code == 500
        return answer

    assert failed().json() == error(500, "Internal server error", "InternalServerError")
    box.world(printful_error_body="html")
    page = failed()
    assert (page.headers["Content-Type"], page.text[:6]) == ("text/html; charset=UTF-8", "<html>")
    box.world(printful_error_body="empty")
    assert failed().content == b""
    assert library.list()["result"] == []


@pytest.mark.behaviour("printful.list.gone-body")
def test_the_body_of_the_410_may_be_anything(library, box):
    box.world(printful_list="gone")
    assert library.call("GET", "/files").json() == error(410, "Gone", "Gone")
    for form, start in (("html", "<html>"), ("empty", "")):
        box.world(printful_error_body=form)
        for path in ("/files", "/v2/files"):
            answer = library.call("GET", path)
            assert (answer.status_code, answer.text[:6]) == (410, start)


def named_errors(library, box) -> dict[str, dict]:
    """Bring about each error of the file library that has a name; the `error` of each answer."""
    account = bearer(ACCOUNT)
    box.world(
        printful_profile="modern",
        printful_account_token=True,
        printful_wrong_format="refused",
        printful_byte_upload=True,
    )
    number = library.add(box.add_asset("a.png", picture()))["id"]
    answers = {
        "FL-1": library.call("POST", "/files", json={"url": box.add_asset("b.png", b"no picture")}),
        "FL-2": library.call("POST", "/files", json={"url": "ftp://example.test/a.png"}),
        "FL-3": library.call("GET", "/files/5"),
        "FL-4": library.call("GET", f"/files/{number}", headers=account | {"X-PF-Store-Id": "11002"}),
        "FL-7": library.call("POST", "/files", json={"data": "bm8gcGljdHVyZQ=="}),
        "FL-8": library.call("POST", "/files", json={}),
        "FL-9": library.call("POST", "/files/thread-colors", json={"file_url": "http://example.test/a.png"}),
    }
    assert {answer.status_code for answer in answers.values()} == {400, 404}
    return {name: answer.json()["error"] for name, answer in answers.items()}


@pytest.mark.behaviour("printful.errors.names")
def test_the_names_of_the_documentation_are_seen_where_the_world_has_them(library, box):
    names = {
        "FL-1": "INVALID_FILE_FORMAT",
        "FL-2": "INVALID_FILE_URL",
        "FL-3": "UNKNOW_FILE_ID",
        "FL-4": "FILE_NOT_ACCESIBLE",
        "FL-7": "INVALID_FILE_DATA",
        "FL-8": "MISSING_URL_DATA",
        "FL-9": "FAILED_FILE_THREAD_COLORS",
    }
    for found in named_errors(library, box).values():
        assert (list(found), found["reason"] in ("BadRequest", "NotFound")) == (["reason", "message"], True)
    box.world(printful_named_errors="reason")
    assert {code: found["reason"] for code, found in named_errors(library, box).items()} == names
    box.world(printful_named_errors="code")
    shown = {code: (found["code"], found["reason"]) for code, found in named_errors(library, box).items()}
    assert shown == {code: (code, name) for code, name in names.items()}


@pytest.mark.behaviour("printful.envelope.never-null", "printful.envelope.extra")
def test_code_and_result_are_never_null_and_errors_have_no_extra(library, box):
    box.world(printful_profile="modern")
    library.add("http://example.test/a.png")
    for path, status in (("/files", 200), ("/stores", 200), ("/files/5", 404), ("/files?limit=x", 400)):
        found = library.call("GET", path).json()
        assert (found["code"], found["result"] is not None, "extra" in found) == (
            status,
            True,
            status == 200,
        )


@pytest.mark.behaviour(
    "printful.envelope.extra", "printful.envelope.key-order", "printful.file.modern-fields"
)
def test_the_modern_profile_adds_extra_and_is_temporary(library, box):
    legacy = list(library.add("http://example.test/a.png"))
    box.world(printful_profile="modern")
    found = library.list()
    assert (list(found), found["extra"]) == (["code", "result", "extra", "paging"], [])
    [file] = found["result"]
    assert (list(file), file["is_temporary"]) == ([*legacy, "is_temporary"], False)


@pytest.mark.behaviour("printful.envelope.extra-files")
def test_extra_is_sent_by_another_profile_where_the_world_has_it(library, box):
    seen = {}
    for profile in ("legacy", "modern"):
        for rule in ("modern", "always", "never"):
            box.world(printful_profile=profile, printful_extra=rule)
            seen[profile, rule] = "extra" in library.list()
    assert seen == {
        ("legacy", "modern"): False,
        ("legacy", "always"): True,
        ("legacy", "never"): False,
        ("modern", "modern"): True,
        ("modern", "always"): True,
        ("modern", "never"): False,
    }
