"""The ways in which parameters and files are sent."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from airflow_provider_print.sandbox.core import MAX_BODY
from tests.sandbox.calls import ADDRESSED, fault

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api

FORMS = ("json", "urlencoded", "multipart")


def send(api: Api, path: str, form: str, flat: dict[str, str], nested: dict[str, Any]) -> requests.Response:
    if form == "json":
        return api.post(path, json=nested)
    if form == "urlencoded":
        return api.post(path, data=flat)
    return api.post(path, files={name: (None, value) for name, value in flat.items()})


def encoded(data: bytes, name: str = "a.pdf") -> dict[str, str]:
    return {"content": base64.b64encode(data).decode(), "name": name}


def picture(kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (60, 80), "navy").save(buffer, kind)
    return buffer.getvalue()


@pytest.mark.behaviour("intelliprint.body.every-endpoint", "intelliprint.body.urlencoded")
@pytest.mark.parametrize("form", FORMS)
def test_every_endpoint_that_makes_or_changes_takes_json_and_forms(
    api: Api, make_pdf: Callable[..., bytes], form: str
) -> None:
    file = encoded(make_pdf("x"))
    flat_file = {f"file[{name}]": value for name, value in file.items()}
    line = {"recipients[0][address][line]": "7 Any Road"}
    people = {"recipients": [{"address": {"line": "7 Any Road"}}]}

    def call(path: str, flat: dict[str, str], nested: dict[str, Any]) -> dict[str, Any]:
        answer = send(api, path, form, flat, nested)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()  # type: ignore[no-any-return]

    job = call("/prints", {"content": "x", **line}, {"content": "x", **people})
    assert job["letters"][0]["address"]["line"] == "7 Any Road"
    job = call(
        f"/prints/{job['id']}",
        {"postage[service]": "uk_first_class"},
        {"postage": {"service": "uk_first_class"}},
    )
    assert job["postage"]["service"] == "uk_first_class"
    background = call("/backgrounds", flat_file, {"file": file})
    assert background["file"]["size"] == len(make_pdf("x"))
    background = call(f"/backgrounds/{background['id']}", {"name": "New"}, {"name": "New"})
    assert background["name"] == "New"
    listed = call("/mailing_lists", {"name": "m", **line}, {"name": "m", **people})
    path = f"/mailing_lists/{listed['id']}"
    listed = call(path, {"delete_old_recipients": "true", **line}, {"delete_old_recipients": True, **people})
    assert (listed["name"], listed["recipients"]) == ("m", 1)
    flat = {"address[line]": "9 Any Road", "variables[nick]": "Al"}
    recipient = call(
        path + "/recipients", flat, {"address": {"line": "9 Any Road"}, "variables": {"nick": "Al"}}
    )
    one = f"{path}/recipients/{recipient['id']}"
    recipient = call(one, {"address[name]": "B"}, {"address": {"name": "B"}})
    assert (recipient["address"]["name"], recipient["variables"]) == ("B", {"nick": "Al"})
    flat = {f"files[{number}][{name}]": value for number in (0, 1) for name, value in file.items()}
    assert call("/tools/merge", flat, {"files": [file, file]})["object"] == "merge"


@pytest.mark.behaviour(
    "intelliprint.body.brackets", "intelliprint.body.brackets-scalars", "intelliprint.body.text-values"
)
@pytest.mark.parametrize("form", FORMS)
def test_every_form_says_the_same(api: Api, form: str) -> None:
    flat = {
        "testmode": "true",
        "confirmed": "false",
        "content": "Hello",
        "reference": "R",
        "recipients[1][address][name]": "Second",
        "recipients[1][address][line]": "8 Any Road",
        "recipients[0][address][name]": "First",
        "recipients[0][address][line]": "7 Any Road\nANYTOWN",
        "recipients[0][variables][x]": "1",
        "printing[double_sided]": "mixed",
        "printing[double_sided_specific_pages][0]": "0",
        "printing[double_sided_specific_pages][1]": "2",
        "postage[mail_date]": "1899936000",
        "metadata[a]": "b",
        "metadata[0]": "c",
        "nudge[x]": "1.5",
    }
    nested = {
        "testmode": True,
        "confirmed": False,
        "content": "Hello",
        "reference": "R",
        "recipients": [
            {"address": {"name": "First", "line": "7 Any Road\nANYTOWN"}, "variables": {"x": "1"}},
            {"address": {"name": "Second", "line": "8 Any Road"}},
        ],
        "printing": {"double_sided": "mixed", "double_sided_specific_pages": [0, 2]},
        "postage": {"mail_date": 1_899_936_000},
        "metadata": {"a": "b", "0": "c"},
        "nudge": {"x": 1.5},
    }
    job = send(api, "/prints", form, flat, nested).json()
    assert (job["testmode"], job["confirmed"], job["reference"]) == (True, False, "R")
    assert [letter["address"]["name"] for letter in job["letters"]] == ["First", "Second"]
    assert job["letters"][0]["address"]["line"] == "7 Any Road\nANYTOWN"
    assert job["printing"]["double_sided_specific_pages"] == [0, 2]
    assert (job["postage"]["mail_date"], job["nudge"]["x"]) == (1_899_936_000, 1.5)
    assert job["metadata"] == {"a": "b", "0": "c"}


@pytest.mark.behaviour("intelliprint.body.file-in-list")
def test_a_file_in_a_list_is_a_part_of_its_own(api: Api, make_pdf: Callable[..., bytes]) -> None:
    job = api.post(
        "/prints",
        data={
            "content": "x",
            "recipients[0][address][line]": "7 Any Road",
            "extra_documents[1][apply_background]": "true",
        },
        files={
            "extra_documents[0][document]": ("terms.pdf", make_pdf("1", "2"), "application/pdf"),
            "extra_documents[1][document]": ("offer.pdf", make_pdf("1"), "application/pdf"),
        },
    ).json()
    shown = [(extra["name"], extra["pages"], extra["apply_background"]) for extra in job["extra_documents"]]
    assert shown == [("terms.pdf", 2, False), ("offer.pdf", 1, True)]


@pytest.mark.behaviour("intelliprint.body.left-out", "intelliprint.body.null-clears")
def test_what_is_left_out_stays_and_what_is_null_is_cleared(api: Api, make_pdf: Callable[..., bytes]) -> None:
    made = api.post(
        "/backgrounds", files={"file": ("h.pdf", make_pdf("H"))}, data={"name": "Head", "team": "team_1"}
    ).json()
    path = f"/backgrounds/{made['id']}"
    form = api.post(path, files={"name": (None, "New")}).json()
    assert (form["name"], form["team"]) == ("New", "team_1")
    cleared = api.post(path, json={"team": None}).json()
    assert (cleared["name"], cleared["team"]) == ("New", None)
    job = api.make(reference="R", postage={"service": "uk_first_class"}, metadata={"a": "b"})
    kept = api.post(f"/prints/{job['id']}", data={"confidential": "true"}).json()
    assert (kept["reference"], kept["postage"], kept["metadata"]) == ("R", job["postage"], {"a": "b"})
    nulls = {"reference": None, "postage": {"service": None}, "metadata": None}
    cleared = api.post(f"/prints/{job['id']}", json=nulls).json()
    assert (cleared["reference"], cleared["metadata"]) == (None, None)
    assert cleared["postage"]["service"] == "uk_second_class"


@pytest.mark.behaviour("intelliprint.body.dotted-names")
def test_dotted_names_are_unknown_unless_the_world_reads_them(print_sandbox: PrintSandbox, api: Api) -> None:
    body = {"content": "x", "postage.service": "uk_first_class", "testmode": "true"}
    assert fault(api.post("/prints", data=body)) == (400, "parameter_unknown", "postage.service")
    print_sandbox.world(dotted_parameters=True)
    assert api.post("/prints", data=body).json()["postage"]["service"] == "uk_first_class"
    mixed = {"content": "x", "postage": {"ideal_envelope": "c4"}, "postage.service": "uk_first_class"}
    postage = api.post("/prints", json=mixed).json()["postage"]
    assert (postage["service"], postage["ideal_envelope"]) == ("uk_first_class", "c4")
    clash = {"content": "x", "postage.service": "uk_first_class", "postage": "x"}
    assert fault(api.post("/prints", json=clash))[:2] == (400, "body_incorrect_format")


@pytest.mark.behaviour("intelliprint.body.empty")
@pytest.mark.parametrize("kind", ["multipart/form-data", "application/json", "text/plain", None])
def test_an_empty_body_holds_no_parameters(api: Api, kind: str | None) -> None:
    headers = {} if kind is None else {"Content-Type": kind}
    assert fault(api.post("/prints", headers=headers))[:2] == (400, "parameter_missing")
    job = api.make(reference="R")
    assert api.post(f"/prints/{job['id']}", headers=headers).json()["reference"] == "R"


@pytest.mark.behaviour("intelliprint.body.query-is-unknown", "intelliprint.parameters.unknown")
def test_a_parameter_in_the_query_of_a_call_with_a_body_is_unknown(
    print_sandbox: PrintSandbox, api: Api
) -> None:
    job = api.make()
    listed = api.post("/mailing_lists", json={"recipients": [ADDRESSED]}).json()
    body = {"content": "x", "recipients": [ADDRESSED]}
    for method, path in (
        ("POST", "/prints"),
        ("POST", f"/prints/{job['id']}"),
        ("DELETE", f"/prints/{job['id']}"),
        ("DELETE", f"/mailing_lists/{listed['id']}"),
    ):
        answer = api.request(method, path + "?testmode=true", json=body if path == "/prints" else None)
        assert fault(answer) == (400, "parameter_unknown", "testmode"), (method, path)
    assert print_sandbox.invariants()["drafts"] == 1
    assert api.get(f"/mailing_lists/{listed['id']}").status_code == 200


@pytest.mark.behaviour("intelliprint.body.other-format", "intelliprint.errors.body-incorrect-format")
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b"{"),
        ("application/json", b"[]"),
        ("text/xml", b"<a/>"),
        ("text/plain", b"content=x"),
        ("multipart/form-data", b"x"),
        ("", b"content=x"),
    ],
)
def test_a_body_of_another_format_is_refused_everywhere(api: Api, kind: str, body: bytes) -> None:
    for path in ("/prints", "/prints/x", "/backgrounds", "/mailing_lists", "/tools/merge"):
        answer = api.post(path, data=body, headers={"Content-Type": kind})
        assert fault(answer) == (400, "body_incorrect_format", None), path
        assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.behaviour("intelliprint.body.limit", "intelliprint.errors.body-too-large")
def test_a_body_of_100_mebibytes_is_taken_and_one_byte_more_is_not(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MAX_BODY == 100 * 1024 * 1024
    limit = 2000
    monkeypatch.setattr("airflow_provider_print.sandbox.uploads.MAX_BODY", limit)
    head = "content=x&reference="
    body = head + "r" * (1000 - len(head)) + "&metadata[a]="
    body += "m" * (limit - len(body))
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert api.post("/prints", data=body, headers=kind).status_code == 200
    answer = api.post("/prints", data=body + "m", headers=kind)
    assert fault(answer) == (413, "body_too_large", None)
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.behaviour(
    "intelliprint.file.part",
    "intelliprint.file.base64",
    "intelliprint.file.url",
    "intelliprint.file.bare-url",
    "intelliprint.create.addresses-in-the-file",
)
def test_a_file_comes_as_part_base64_or_url(
    print_sandbox: PrintSandbox, api: Api, make_pdf: Callable[..., bytes]
) -> None:
    data = make_pdf(["Hello", "A Person", "1 High Street", "AB1 2CD"], "two")
    url = print_sandbox.add_asset("run.pdf", data)
    file = encoded(data, "run.pdf")
    answers = [
        api.upload(data),
        api.post("/prints", json={"file": file}),
        api.post("/prints", data={f"file[{name}]": value for name, value in file.items()}),
        api.post("/prints", files={f"file[{name}]": (None, value) for name, value in file.items()}),
        api.post("/prints", json={"file": {"url": url}}),
        api.post("/prints", data={"file[url]": url}),
        api.post("/prints", json={"file": url}),
        api.post("/prints", data={"file": url}),
    ]
    jobs = [answer.json() for answer in answers]
    assert [job["file"] for job in jobs] == [{"name": "run.pdf", "size": len(data), "pages": 2}] * 8
    assert [job["letters"][0]["address"]["name"] for job in jobs] == ["A Person"] * 8
    assert api.refused(file="run.pdf") == (400, "parameter_invalid", "file")
    print_sandbox.world(bare_file_url=False)
    assert api.refused(file=url) == (400, "parameter_invalid", "file")
    assert api.make(file={"url": url})["file"]["pages"] == 2


@pytest.mark.behaviour("intelliprint.file.url-for-jobs-only")
def test_backgrounds_and_extra_documents_take_no_url(
    print_sandbox: PrintSandbox, api: Api, make_pdf: Callable[..., bytes]
) -> None:
    url = print_sandbox.add_asset("run.pdf", make_pdf("x"))
    for file in ({"url": url}, url):
        assert fault(api.post("/backgrounds", json={"file": file})) == (400, "parameter_invalid", "file.url")
        assert api.refused(content="x", extra_documents=[{"document": file}]) == (
            400,
            "parameter_invalid",
            "extra_documents[0].document.url",
        )


@pytest.mark.behaviour(
    "intelliprint.file.kinds-of-a-job",
    "intelliprint.file.kinds-of-a-background",
    "intelliprint.file.kinds-of-an-extra",
)
def test_jobs_take_pictures_and_backgrounds_and_extra_documents_do_not(
    api: Api, make_pdf: Callable[..., bytes]
) -> None:
    extra = "extra_documents[0].document"
    for data, is_picture in ((make_pdf("x"), False), (picture("PNG"), True), (picture("JPEG"), True)):
        for name in ("a.pdf", "a.docx"):
            file = encoded(data, name)
            job = api.make(file=file, recipients=[ADDRESSED])
            assert (job["pages"], job["file"]["size"]) == (1, len(data))
            background = api.post("/backgrounds", json={"file": file})
            with_extra = api.post("/prints", json={"content": "x", "extra_documents": [{"document": file}]})
            if is_picture:
                assert fault(background) == (400, "parameter_invalid", "file")
                assert fault(with_extra) == (400, "parameter_invalid", extra)
            else:
                assert (background.status_code, with_extra.status_code) == (200, 200)
    for data in (b"plain text", b"GIF89a", b"PK\x03\x04nothing", b"%PDF-1.7 broken"):
        assert api.refused(file=encoded(data), recipients=[ADDRESSED]) == (400, "parameter_invalid", "file")
        assert fault(api.post("/backgrounds", json={"file": encoded(data)}))[2] == "file"
        assert api.refused(content="x", extra_documents=[{"document": encoded(data)}])[2] == extra
