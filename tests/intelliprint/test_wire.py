from __future__ import annotations

import json
from email import message_from_bytes
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print.core.documents import open_document
from airflow_provider_print.core.errors import InputError
from airflow_provider_print.intelliprint.requests import PrintJobRequest, PrintJobUpdate
from airflow_provider_print.intelliprint.wire import body_of, query_of, tree_of

if TYPE_CHECKING:
    from airflow_provider_print.core.multipart import Body

PDF = b"%PDF-1.7\nx"
ADA = {"address": {"name": "Ada", "line": "7 Any Road\nANYTOWN", "country": "GB"}, "variables": {"n": 1}}
EVERYTHING: dict[str, Any] = {
    "type": "letter",
    "testmode": True,
    "confirmed": False,
    "reference": "R&D #7",
    "recipients": [ADA, ADA],
    "printing": {"double_sided": "mixed", "double_sided_specific_pages": [0, 2], "premium_quality": True},
    "postage": {"service": "uk_first_class", "ideal_envelope": "c4", "mail_date": 1796040000},
    "background": {"first_page": "bg_1", "other_pages": "bg_2"},
    "remove_letters": {"with_phrase": "EMAIL ONLY"},
    "nudge": {"x": 1.5, "y": -2},
    "address_window": "right",
    "confidential": False,
    "confirmation_email": True,
    "metadata": {"order": "77"},
    "insert": "x",
}


def form_of(body: Body) -> dict[str, bytes | tuple[str, bytes]]:
    message = message_from_bytes(f"Content-Type: {body.content_type}\r\n\r\n".encode() + body.read())
    found: dict[str, bytes | tuple[str, bytes]] = {}
    for part in message.get_payload():
        name = str(part.get_param("name", header="content-disposition"))
        content = part.get_payload(decode=True)
        file_name = part.get_filename()
        assert name not in found
        found[name] = (file_name, content) if file_name else content
    return found


def body(clear: bool = False, **raw: Any) -> Body:
    model = PrintJobUpdate if clear else PrintJobRequest
    return body_of(tree_of(model.build(**raw), open_document_for, clear=clear))


def open_document_for(source: object, *, param: str) -> Any:
    return open_document(source, param=param)


def test_without_a_file_a_request_is_json_as_it_was_given() -> None:
    assert json.loads(body(content="Hi", **EVERYTHING).read()) == {"content": "Hi", **EVERYTHING}


def test_with_a_file_it_is_a_form_with_brackets() -> None:
    extra = [{"document": b"%PDF-1.4 extra", "apply_background": True}]
    assert form_of(body(file=PDF, extra_documents=extra, **EVERYTHING)) == {
        "type": b"letter",
        "testmode": b"true",
        "confirmed": b"false",
        "reference": b"R&D #7",
        "recipients[0][address][name]": b"Ada",
        "recipients[0][address][line]": b"7 Any Road\nANYTOWN",
        "recipients[0][address][country]": b"GB",
        "recipients[0][variables][n]": b"1",
        "recipients[1][address][name]": b"Ada",
        "recipients[1][address][line]": b"7 Any Road\nANYTOWN",
        "recipients[1][address][country]": b"GB",
        "recipients[1][variables][n]": b"1",
        "printing[double_sided]": b"mixed",
        "printing[double_sided_specific_pages][0]": b"0",
        "printing[double_sided_specific_pages][1]": b"2",
        "printing[premium_quality]": b"true",
        "postage[service]": b"uk_first_class",
        "postage[ideal_envelope]": b"c4",
        "postage[mail_date]": b"1796040000",
        "background[first_page]": b"bg_1",
        "background[other_pages]": b"bg_2",
        "remove_letters[with_phrase]": b"EMAIL ONLY",
        "nudge[x]": b"1.5",
        "nudge[y]": b"-2",
        "address_window": b"right",
        "confidential": b"false",
        "confirmation_email": b"true",
        "metadata[order]": b"77",
        "insert": b"x",
        "file": ("document.pdf", PDF),
        "extra_documents[0][document]": ("document.pdf", b"%PDF-1.4 extra"),
        "extra_documents[0][apply_background]": b"true",
    }


def test_a_remote_file_is_sent_as_its_url_in_both_forms() -> None:
    url = "https://files.example/run.pdf?sig=1"
    assert json.loads(body(file=url).read()) == {"file": {"url": url}}
    form = form_of(body(file=url, extra_documents=[{"document": PDF}]))
    assert form["file[url]"] == url.encode()


def test_an_extra_document_cannot_be_a_url() -> None:
    with pytest.raises(InputError) as caught:
        body(content="x", extra_documents=[{"document": PDF}, {"document": "https://x.example/a.pdf"}])
    assert caught.value.param == "extra_documents[1].document"


def test_a_bad_file_names_its_field() -> None:
    with pytest.raises(InputError) as caught:
        body(content="x", extra_documents=[{"document": b"GIF89a"}])
    assert caught.value.param == "extra_documents[0].document"


def test_what_is_none_in_a_new_job_is_left_out() -> None:
    assert json.loads(body(content="x", reference=None, postage={"mail_date": None}).read()) == {
        "content": "x",
        "postage": {},
    }


def test_what_is_none_in_an_update_is_sent_as_null() -> None:
    sent = json.loads(body(clear=True, reference=None, background={"first_page": None}).read())
    assert sent == {"reference": None, "background": {"first_page": None}}


def test_nothing_can_be_cleared_in_a_form() -> None:
    with pytest.raises(InputError, match="a call of its own") as caught:
        body(clear=True, reference=None, extra_documents=[{"document": PDF}])
    assert caught.value.param == "reference"


def test_empty_texts_are_sent_as_such_in_a_form() -> None:
    assert form_of(body(file=PDF, metadata={"a": ""}))["metadata[a]"] == b""


def test_a_query_has_dotted_names_commas_and_words_for_switches() -> None:
    filters = {"limit": 5, "testmode": True, "letters.status": ["draft", "sent"], "reference": None}
    assert query_of(filters, ["letters.status", "id"]) == [
        ("limit", "5"),
        ("testmode", "true"),
        ("letters.status", "draft,sent"),
        ("fields[]", "id"),
        ("fields[]", "letters.status"),
    ]


def test_addresses_content_variables_and_links_are_known_to_be_private() -> None:
    row = {"address": {"name": "Ada", "line": "7 Any Road", "country": "GB"}, "variables": {"v": "secret"}}
    private = body(content="Dear Ada", recipients=[row], reference="free").private
    assert set(private) == {"Dear Ada", "Ada", "7 Any Road", "secret"}
    assert body(file="https://x.example/a?sig=1").private == ("https://x.example/a?sig=1",)
