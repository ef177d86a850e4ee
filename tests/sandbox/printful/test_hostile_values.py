from __future__ import annotations

import pytest

from tests.sandbox.printful.conftest import TOKEN, bearer


@pytest.mark.parametrize(
    "raw",
    [
        r'{"url": "http://example.test/\ud800.png"}',
        r'{"url": "http://example.test/a.png", "filename": "\ud800.png"}',
        r'{"url": "http://example.test/a.png", "options": [{"id": "\udfff"}]}',
        '{"url": "http://example.test/a.png", "options": [NaN]}',
        '{"url": "http://example.test/a.png", "options": [1e999]}',
        '{"url": "http://example.test/a.png", "options": [-Infinity]}',
        '{"url": "http://example.test/a.png", "options": ' + "[" * 3000 + "]" * 3000 + "}",
    ],
)
@pytest.mark.parametrize("path", ["/files", "/v2/files"])
def test_what_no_answer_could_repeat_is_a_bad_request(library, path, raw):
    answer = library.call("POST", path, data=raw.encode())
    assert answer.status_code == answer.json()["code" if path == "/files" else "status"] == 400
    assert library.list()["result"] == []


@pytest.mark.parametrize("depth", [100, 400, 800, 950])
def test_deeply_nested_options_are_kept_or_refused_and_lists_go_on(library, depth):
    raw = '{"url": "http://example.test/a.png", "options": [{"id": "deep", "value": '
    raw += "[" * depth + "]" * depth + "}]}"
    answer = library.call("POST", "/files", data=raw.encode())
    assert answer.status_code in (200, 400)
    assert len(library.list()["result"]) == (answer.status_code == 200)


@pytest.mark.parametrize("visible", ["1" + "0" * 4000, "1.0", "[1]", '"true"'])
def test_a_strange_visible_is_a_bad_request(library, visible):
    raw = '{"url": "http://example.test/a.png", "visible": ' + visible + "}"
    assert library.call("POST", "/files", data=raw.encode()).status_code == 400


def test_the_account_token_works_only_where_the_world_says_so(library, box):
    headers = bearer("printful_sandbox_account") | {"X-PF-Store-Id": "11001"}
    refused = library.call("GET", "/files", headers=headers)
    assert (refused.status_code, refused.json()["result"]) == (401, "The access token provided is invalid.")
    box.world(printful_account_token=True)
    assert library.call("GET", "/files", headers=headers).status_code == 200
    box.reset(frozen=True)
    assert library.call("GET", "/files", headers=headers).status_code == 401
    assert library.call("GET", "/files", headers=bearer(TOKEN)).status_code == 200
