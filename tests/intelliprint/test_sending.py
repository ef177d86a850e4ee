"""A letter on a real socket: posted once, whatever becomes of the answers."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print.core.errors import (
    AuthenticationError,
    BadRequestError,
    CheckError,
    InputError,
    LetterFailedError,
    NotDeliveredError,
    PaymentError,
    UnknownOutcomeError,
)
from airflow_provider_print.core.identity import LetterKey
from airflow_provider_print.intelliprint import sending
from airflow_provider_print.intelliprint.checks import QuoteChecks
from airflow_provider_print.intelliprint.letter import Attempt
from airflow_provider_print.intelliprint.requests import PrintJobRequest, PrintJobUpdate
from tests.airflow.fixtures import pdf
from tests.support.clients import client_of, mailed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from airflow_provider_print.intelliprint.client import IntelliprintClient

RECIPIENT = {"address": {"name": "A Reader", "line": "7 Any Road\nANYTOWN", "postcode": "ZZ1 1ZZ"}}
FIELDS: dict[str, Any] = {"content": "<p>Hello</p>", "recipients": [RECIPIENT], "testmode": False}


def key_of(idempotency_key: str = "invoice-7", **parts: Any) -> LetterKey:
    place = {"base_url": "http://127.0.0.1/v1", "testmode": False, "environment": ""}
    return LetterKey.for_user(**{**place, **parts}, idempotency_key=idempotency_key)


def request_of(**fields: Any) -> PrintJobRequest:
    return PrintJobRequest.build(**{**FIELDS, **fields})


def send(client: IntelliprintClient, request: PrintJobRequest, key: LetterKey, **care: Any) -> Any:
    care.setdefault("attempt", Attempt(settle=0))
    return sending.send(client, request, key, sending.Care(**care))


class Slots(dict[str, str]):
    """A register."""

    def set(self, slot: str, job_id: str) -> None:
        self[slot] = job_id


@pytest.fixture
def client(print_sandbox: Any) -> IntelliprintClient:
    return client_of(print_sandbox.intelliprint_url)


def calls(box: Any) -> list[str]:
    return [f"{row['method']} {row['route']}".replace("/intelliprint/v1", "") for row in box.journal()]


def test_a_letter_is_looked_up_drafted_and_confirmed_in_three_calls(
    print_sandbox: Any, client: IntelliprintClient
) -> None:
    ids: list[str] = []
    result = send(client, request_of(), key_of(), on_id=ids.append)
    assert calls(print_sandbox) == ["GET /prints", "POST /prints", "POST /prints/{id}"]
    assert result.confirmed
    assert ids == [result.id]
    assert result.reference == key_of().reference
    assert mailed(print_sandbox) == 1


def test_the_same_letter_again_is_adopted_and_nothing_is_sent(
    print_sandbox: Any, client: IntelliprintClient
) -> None:
    first = send(client, request_of(), key_of())
    again = send(client, request_of(), key_of())
    assert again.already_posted
    assert again.id == first.id
    assert {**again.as_dict(), "already_posted": False} == first.as_dict()
    assert mailed(print_sandbox) == 1


def test_resend_posts_the_same_letter_again_on_purpose(
    print_sandbox: Any, client: IntelliprintClient
) -> None:
    send(client, request_of(), key_of())
    assert not send(client, request_of(), key_of(resend="2")).already_posted
    assert mailed(print_sandbox) == 2


def test_the_same_letter_key_with_other_recipients_is_refused_before_anything_is_paid(
    print_sandbox: Any, client: IntelliprintClient
) -> None:
    send(client, request_of(), key_of())
    other = {"address": {"name": "Another", "line": "8 Any Road", "postcode": "ZZ1 1ZZ"}}
    with pytest.raises(LetterFailedError, match="resend") as caught:
        send(client, request_of(recipients=[other]), key_of())
    assert caught.value.letter_key == key_of().key
    assert mailed(print_sandbox) == 1


@pytest.mark.parametrize("kind", ["reset", "close", "status", "truncate", "garbage"])
@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize("route", ["/prints", "/prints/{id}"], ids=["draft", "confirm"])
def test_a_lost_answer_to_a_paid_call_still_posts_one_letter(
    print_sandbox: Any, client: IntelliprintClient, route: str, phase: str, kind: str
) -> None:
    print_sandbox.fault("POST", route, phase=phase, kind=kind, times=1)
    result = send(client, request_of(), key_of())
    assert result.confirmed
    assert mailed(print_sandbox) == 1
    assert send(client, request_of(), key_of()).already_posted


def test_a_create_whose_answer_is_lost_is_sent_once(print_sandbox: Any, client: IntelliprintClient) -> None:
    print_sandbox.fault("POST", "/prints", phase="after", kind="reset", times=1)
    assert send(client, request_of(), key_of()).resumed_draft
    assert calls(print_sandbox).count("POST /prints") == 1


def test_an_attempt_that_ends_unknown_is_taken_up_by_the_next_one(
    print_sandbox: Any, client: IntelliprintClient
) -> None:
    print_sandbox.fault("POST", "/prints", phase="before", kind="reset", times=2)
    with pytest.raises(UnknownOutcomeError, match="has paid nothing") as caught:
        send(client, request_of(), key_of())
    assert caught.value.letter_key == key_of().key
    assert send(client, request_of(), key_of()).confirmed
    assert mailed(print_sandbox) == 1


def test_a_second_confirm_that_the_service_refuses_counts_as_done_when_the_job_is_paid(
    print_sandbox: Any, client: IntelliprintClient
) -> None:
    print_sandbox.world(reconfirm=400)
    print_sandbox.fault("POST", "/prints/{id}", phase="twice", times=1)
    assert send(client, request_of(), key_of()).confirmed
    assert mailed(print_sandbox) == 1


def test_a_budget_too_small_stops_before_the_confirm_and_a_larger_one_goes_on_with_the_draft(
    print_sandbox: Any, client: IntelliprintClient
) -> None:
    with pytest.raises(CheckError, match=r"1\.008 GBP") as caught:
        send(client, request_of(), key_of(), checks=QuoteChecks(max_cost_after_tax="1.00 GBP"))
    assert caught.value.param == "max_cost_after_tax"
    assert caught.value.letter_key == key_of().key
    assert mailed(print_sandbox) == 0
    done = send(client, request_of(), key_of(), checks=QuoteChecks(max_cost_after_tax="1.01 GBP"))
    assert done.resumed_draft
    assert mailed(print_sandbox) == 1


def test_a_quote_is_gone_on_with_by_a_later_real_run(print_sandbox: Any, client: IntelliprintClient) -> None:
    quote = send(client, request_of(), key_of(), quote_only=True)
    assert not quote.confirmed
    assert quote.letters == {"draft": 1}
    done = send(client, request_of(), key_of())
    assert done.id == quote.id
    assert done.resumed_draft


def test_a_draft_of_other_content_is_passed_over(print_sandbox: Any, client: IntelliprintClient) -> None:
    quote = send(client, request_of(content="<p>wrong</p>"), key_of(), quote_only=True)
    assert send(client, request_of(), key_of()).id != quote.id
    assert mailed(print_sandbox) == 1


def test_a_letter_cancelled_by_hand_is_a_failure_that_names_resend(
    print_sandbox: Any, client: IntelliprintClient
) -> None:
    posted = send(client, request_of(), key_of())
    client.delete_print_job(posted.id)
    with pytest.raises(LetterFailedError, match="resend"):
        send(client, request_of(), key_of())


def test_a_payment_error_keeps_the_draft_for_the_next_attempt(
    print_sandbox: Any, client: IntelliprintClient
) -> None:
    content = {"error": {"message": "no credit", "type": "payment_error", "code": "payment_error"}}
    print_sandbox.fault("POST", "/prints/{id}", kind="status", status=402, content=content, times=1)
    with pytest.raises(PaymentError) as caught:
        send(client, request_of(), key_of())
    assert caught.value.letter_key == key_of().key
    assert send(client, request_of(), key_of()).resumed_draft


def test_user_metadata_is_kept_and_cannot_replace_the_letters_own(
    print_sandbox: Any, client: IntelliprintClient
) -> None:
    result = send(client, request_of(metadata={"label": "a"}), key_of())
    stored = client.get_print_job(result.id).metadata or {}
    assert stored["label"] == "a"
    assert stored["letter_key"] == key_of().key
    with pytest.raises(InputError) as caught:
        send(client, request_of(metadata={"letter_key": "af1-mine"}), key_of("other"))
    assert caught.value.param == "metadata.letter_key"


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda box: client_of(box.intelliprint_url, api_key="key_wrong"), AuthenticationError),
        (lambda _: client_of("http://127.0.0.1:9/v1"), NotDeliveredError),
    ],
    ids=["wrong API key", "unreachable host"],
)
def test_what_cannot_be_asked_names_the_cause_and_pays_nothing(
    print_sandbox: Any, make: Callable[[Any], IntelliprintClient], error: type[Exception]
) -> None:
    with pytest.raises(error):
        send(make(print_sandbox), request_of(), key_of())
    assert mailed(print_sandbox) == 0


def test_an_unknown_background_is_the_services_error_with_its_parameter(
    print_sandbox: Any, client: IntelliprintClient
) -> None:
    with pytest.raises(BadRequestError) as caught:
        send(client, request_of(background={"first_page": "bg_unknown"}), key_of())
    assert caught.value.param == "background.first_page"
    assert mailed(print_sandbox) == 0


def test_a_paid_letter_whose_metadata_was_edited_is_not_posted_again(
    print_sandbox: Any, client: IntelliprintClient
) -> None:
    quote = send(client, request_of(), key_of(), quote_only=True)
    client.update_print_job(quote.id, PrintJobUpdate.build(metadata={"note": "looked at"}))
    client.confirm_print_job(quote.id)
    assert send(client, request_of(), key_of()).already_posted
    assert mailed(print_sandbox) == 1


def test_a_paid_letter_that_cannot_be_read_for_once_is_not_posted_again(
    print_sandbox: Any, client: IntelliprintClient
) -> None:
    send(client, request_of(), key_of())
    print_sandbox.fault("GET", "/prints/{id}", status=404, times=1)
    with pytest.raises(UnknownOutcomeError, match="has sent nothing"):
        send(client, request_of(), key_of())
    assert mailed(print_sandbox) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"nudge": {"x": 9, "y": 4}},
        {"confidential": True},
        {"printing": {"black_and_white": True}},
        {"content": "<p>Other</p>"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_draft_is_only_gone_on_with_when_nothing_of_the_request_has_changed(
    print_sandbox: Any, client: IntelliprintClient, change: dict[str, Any]
) -> None:
    quote = send(client, request_of(), key_of(), quote_only=True)
    done = send(client, request_of(**change), key_of())
    assert done.id != quote.id
    assert not done.resumed_draft
    assert mailed(print_sandbox) == 1


def test_another_label_makes_no_other_letter(print_sandbox: Any, client: IntelliprintClient) -> None:
    quote = send(client, request_of(metadata={"label": "run 1"}), key_of(), quote_only=True)
    assert send(client, request_of(metadata={"label": "run 2"}), key_of()).id == quote.id


def test_a_letter_with_a_variable_that_looks_like_a_default_is_another_letter(
    print_sandbox: Any, client: IntelliprintClient
) -> None:
    def rows(**variables: str) -> list[dict[str, Any]]:
        return [{**RECIPIENT, "variables": variables}]

    send(client, request_of(recipients=rows(country="GB")), key_of())
    with pytest.raises(LetterFailedError, match="other recipients"):
        send(client, request_of(recipients=rows()), key_of())


def test_a_draft_that_was_cut_short_on_its_way_is_passed_over_and_made_anew(
    print_sandbox: Any, client: IntelliprintClient
) -> None:
    whole = pdf("one", "two")
    quote = send(client, request_of(content=None, file=whole), key_of(), quote_only=True)
    metadata = client.get_print_job(quote.id).metadata or {}
    longer = {**metadata, "file_bytes": str(len(whole) + 1)}
    client.update_print_job(quote.id, PrintJobUpdate.build(metadata=longer))
    done = send(client, request_of(content=None, file=whole), key_of())
    assert done.id != quote.id
    assert mailed(print_sandbox) == 1


def test_a_draft_in_another_mode_than_asked_for_is_not_paid(
    print_sandbox: Any, client: IntelliprintClient
) -> None:
    quote = send(client, request_of(testmode=True), key_of(), quote_only=True)
    client.update_print_job(quote.id, PrintJobUpdate.build(testmode=False))
    attempt = Attempt(number=2, settle=0, registered=True)
    register = Slots({attempt.slot(key_of().key, 1, 0): quote.id})
    with pytest.raises(CheckError, match="is live") as caught:
        send(client, request_of(testmode=True), key_of(), attempt=attempt, register=register)
    assert caught.value.param == "testmode"
    assert mailed(print_sandbox) == 0


def test_another_url_is_another_draft(print_sandbox: Any, client: IntelliprintClient) -> None:
    from reportlab.pdfgen.canvas import Canvas

    def asset(name: str, pages: int) -> str:
        file = io.BytesIO()
        pdf = Canvas(file)
        for _ in range(pages):
            pdf.drawString(100, 300, name)
            pdf.showPage()
        pdf.save()
        url: str = print_sandbox.add_asset(name, file.getvalue())
        return url

    short, long = asset("short.pdf", 1), asset("long.pdf", 3)
    send(client, request_of(content=None, file=short), key_of(), quote_only=True)
    done = send(client, request_of(content=None, file=long), key_of())
    assert done.pages == 3


@pytest.mark.parametrize(
    "spelled_out",
    [
        {"type": "letter"},
        {"printing": {"double_sided": "no"}},
        {"postage": {"service": "uk_second_class", "mail_date": 2_000_000_000}},
        {"recipients": [{"address": {**RECIPIENT["address"], "country": "GB"}}]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_spelling_out_a_default_does_not_make_a_paid_letter_another_one(
    print_sandbox: Any, client: IntelliprintClient, spelled_out: dict[str, Any]
) -> None:
    first = send(client, request_of(), key_of())
    assert send(client, request_of(**spelled_out), key_of()).id == first.id
    assert mailed(print_sandbox) == 1


def test_a_bad_enclosure_is_named_by_its_place(client: IntelliprintClient, tmp_path: Path) -> None:
    enclosure = {"document": str(tmp_path / "missing.pdf")}
    with pytest.raises(InputError) as caught:
        send(client, request_of(extra_documents=[enclosure]), key_of())
    assert caught.value.param == "extra_documents[0].document"
