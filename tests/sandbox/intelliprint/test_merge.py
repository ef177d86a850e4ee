from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
import requests

from airflow_provider_print.sandbox import pdf
from tests.sandbox.calls import fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api


@pytest.mark.behaviour("intelliprint.merge.parameters")
@pytest.mark.parametrize("name", ["files", "files[]", "indexed", "json", "urls"])
def test_files_are_merged_in_their_order(
    print_sandbox: PrintSandbox, api: Api, make_pdf: Callable[..., bytes], name: str
) -> None:
    data = [make_pdf("one"), make_pdf("two", "three")]
    if name == "json":
        encoded = [{"content": base64.b64encode(one).decode(), "name": "x.pdf"} for one in data]
        answer = api.post("/tools/merge", json={"files": encoded})
    elif name == "urls":
        urls = [{"url": print_sandbox.add_asset(f"{n}.pdf", one)} for n, one in enumerate(data)]
        answer = api.post("/tools/merge", json={"files": urls})
    else:
        names = [f"files[{n}]" if name == "indexed" else name for n in range(2)]
        answer = api.post("/tools/merge", files=list(zip(names, data, strict=True)))
    merged = answer.json()
    assert (answer.status_code, merged["object"], set(merged)) == (
        200,
        "merge",
        {"id", "object", "download_link"},
    )
    texts = pdf.page_texts(requests.get(merged["download_link"]).content)
    assert [text.strip() for text in texts] == ["one", "two", "three"]


@pytest.mark.behaviour("intelliprint.merge.parameters")
@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({}, "parameter_missing", "files"),
        ({"files": []}, "parameter_missing", "files"),
        ({"files": [{"content": "aGVsbG8="}]}, "parameter_invalid", "files[0]"),
        ({"files": [{}]}, "parameter_missing", "files[0].content"),
        ({"file": "x"}, "parameter_unknown", "file"),
    ],
)
def test_what_cannot_be_merged_is_refused(api: Api, body: dict[str, Any], code: str, param: str) -> None:
    assert fault(api.post("/tools/merge", json=body)) == (400, code, param)
