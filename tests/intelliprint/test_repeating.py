"""Calls whose answer is lost, on a real socket: what is repeated, what is looked for, and what is told."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print.core.errors import (
    BadRequestError,
    NotFoundError,
    RateLimitError,
    ServerError,
    UnknownOutcomeError,
)
from airflow_provider_print.intelliprint.models import Deleted, PrintJob
from airflow_provider_print.intelliprint.requests import PrintJobRequest
from airflow_provider_print.sandbox.intelliprint.outbox import move_letter
from tests.support.clients import client_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from airflow_provider_print.intelliprint.client import IntelliprintClient
    from airflow_provider_print.sandbox import PrintSandbox

ADA = {"address": {"name": "Ada Reader", "line": "7 Any Road\nANYTOWN", "postcode": "AB1 2CD"}}
BOB = {"address": {"name": "Bob Reader", "line": "8 Any Road\nANYTOWN", "postcode": "AB1 2CD"}}
PDF = b"%PDF-"
LATE = {"phase": "late", "kind": "reset", "delay": 0.3}
# How an answer may be lost, and whether the call was carried out: no, yes, or when nobody reckons with it.
LOST: dict[str, dict[str, Any]] = {
    **{f"{kind} before": {"phase": "before", "kind": kind} for kind in ("reset", "close", "garbage")},
    "500 before": {"phase": "before", "kind": "status", "status": 500},
    **{
        f"{kind} after": {"phase": "after", "kind": kind}
        for kind in ("reset", "close", "truncate", "garbage")
    },
    "502 after": {"phase": "after", "kind": "status", "status": 502},
    "late": LATE,
}
lost = pytest.mark.parametrize("fault", LOST.values(), ids=LOST.keys())


@pytest.fixture
def client(print_sandbox: PrintSandbox) -> IntelliprintClient:
    client = client_of(print_sandbox.intelliprint_url)
    client.transport.clock = replace(client.transport.clock, wall=print_sandbox.now)
    return client


@pytest.fixture(scope="module")
def pdf() -> bytes:
    from airflow_provider_print.sandbox.pdf import typeset_text

    return typeset_text("Dear Ada,\n\nall is well.")


def calls(box: PrintSandbox, method: str, end: str = "") -> int:
    return sum(1 for one in box.journal() if one["method"] == method and one["path"].endswith(end))


def executed(fault: dict[str, Any]) -> int:
    return 0 if fault["phase"] == "before" else 1


# ---- backgrounds: looked for, else made again


def backgrounds(client: IntelliprintClient) -> list[str]:
    return [one.id for one in client.iterate_backgrounds()]


def put_backgrounds(box: PrintSandbox, count: int, **fields: Any) -> None:
    """Put backgrounds straight into the sandbox's store, as others would have made them."""
    for number in range(count):
        doc = {
            "id": f"bg_other{number}",
            "account": "acc_sandbox",
            "name": "Other",
            "team": None,
            "file": {"name": "a.pdf", "size": 77},
            "sha": "",
            "created": int(box.now()),
            "last_used": None,
        }
        box.sandbox.store.put("background", doc["id"], {**doc, **fields})


@lost
def test_a_background_is_found_or_made_again(
    client: IntelliprintClient, print_sandbox: PrintSandbox, pdf: bytes, fault: dict[str, Any]
) -> None:
    print_sandbox.fault("POST", "/backgrounds", **fault)
    made = client.create_background(pdf, name="Letterhead")
    print_sandbox.settle()
    assert calls(print_sandbox, "POST", "/backgrounds") == (1 if fault["phase"] == "after" else 2)
    # What is carried out late leaves one that nobody uses.
    assert len(backgrounds(client)) == (2 if fault["phase"] == "late" else 1)
    found = client.get_background(made.id)
    assert (found.name, found.file and found.file.size) == ("Letterhead", len(pdf))


def test_a_file_is_uploaded_whole_the_second_time(
    client: IntelliprintClient, print_sandbox: PrintSandbox, pdf: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "head.pdf"
    path.write_bytes(pdf)
    print_sandbox.fault("POST", "/backgrounds", phase="before", kind="reset")
    made = client.create_background(path)
    first, second = (one for one in print_sandbox.journal() if one["method"] == "POST")
    assert first["executed"] is False
    assert second["body_bytes"] > len(pdf)
    assert (made.name, made.file and made.file.size) == ("head.pdf", len(pdf))


@pytest.mark.parametrize("phase", ["before", "after"])
def test_a_background_of_the_same_name_and_another_size_is_another(
    client: IntelliprintClient, print_sandbox: PrintSandbox, pdf: bytes, phase: str
) -> None:
    others = {client.create_background(pdf + b"\n" * more, name="Letterhead").id for more in (1, 2, 3)}
    print_sandbox.fault("POST", "/backgrounds", phase=phase, kind="reset")
    made = client.create_background(pdf, name="Letterhead")
    assert made.id not in others
    assert made.file is not None
    assert made.file.size == len(pdf)
    assert len(backgrounds(client)) == 4


@pytest.mark.parametrize("phase", ["before", "after"])
def test_a_background_of_another_name_or_team_is_another(
    client: IntelliprintClient, print_sandbox: PrintSandbox, pdf: bytes, phase: str
) -> None:
    others = {
        client.create_background(pdf, name="Other").id,
        client.create_background(pdf, name="Letterhead", team="team_1").id,
    }
    print_sandbox.fault("POST", "/backgrounds", phase=phase, kind="reset")
    made = client.create_background(pdf, name="Letterhead")
    assert made.id not in others
    assert made.team is None
    assert len(backgrounds(client)) == 3


def test_a_background_of_a_team_is_found_in_the_team(
    client: IntelliprintClient, print_sandbox: PrintSandbox, pdf: bytes
) -> None:
    everyones = client.create_background(pdf, name="Letterhead")
    print_sandbox.fault("POST", "/backgrounds", phase="after", kind="reset")
    made = client.create_background(pdf, name="Letterhead", team="team_1")
    assert made.team == "team_1"
    assert sorted(backgrounds(client)) == sorted([everyones.id, made.id])


def test_an_older_background_of_the_same_name_and_size_may_have_other_bytes(
    client: IntelliprintClient, print_sandbox: PrintSandbox, pdf: bytes
) -> None:
    old = client.create_background(pdf, name="Letterhead")
    print_sandbox.advance(3600)
    print_sandbox.fault("POST", "/backgrounds", phase="before", kind="reset")
    made = client.create_background(pdf.replace(b"Ada", b"Eve"), name="Letterhead")
    assert made.id != old.id
    assert len(backgrounds(client)) == 2
    print_sandbox.advance(3600)
    print_sandbox.fault("POST", "/backgrounds", phase="after", kind="reset")
    third = client.create_background(pdf, name="Letterhead")
    assert third.id not in (old.id, made.id)
    assert len(backgrounds(client)) == 3


@pytest.mark.parametrize("phase", ["before", "after"])
def test_of_equal_backgrounds_that_are_new_none_is_trusted(
    client: IntelliprintClient, print_sandbox: PrintSandbox, pdf: bytes, phase: str
) -> None:
    put_backgrounds(print_sandbox, 2, name="Letterhead", file={"name": "a.pdf", "size": len(pdf)})
    print_sandbox.fault("POST", "/backgrounds", phase=phase, kind="reset")
    made = client.create_background(pdf, name="Letterhead")
    assert not made.id.startswith("bg_other")
    assert calls(print_sandbox, "POST", "/backgrounds") == 2


def test_a_background_is_found_behind_a_page_of_newer_ones(
    client: IntelliprintClient,
    print_sandbox: PrintSandbox,
    pdf: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ask = client.list_backgrounds

    def busy(**query: Any) -> Any:
        if query["skip"] == 0:
            put_backgrounds(print_sandbox, 230)
        return ask(**query)

    monkeypatch.setattr(client, "list_backgrounds", busy)
    print_sandbox.advance(2)
    print_sandbox.fault("POST", "/backgrounds", phase="after", kind="reset")
    made = client.create_background(pdf, name="Letterhead")
    assert calls(print_sandbox, "POST", "/backgrounds") == 1
    assert calls(print_sandbox, "GET", "/backgrounds") == 3
    assert made.file is not None
    assert made.file.size == len(pdf)


def test_no_more_pages_are_read_than_may_have_it(
    client: IntelliprintClient, print_sandbox: PrintSandbox, pdf: bytes
) -> None:
    put_backgrounds(print_sandbox, 230)
    print_sandbox.advance(3600)
    print_sandbox.fault("POST", "/backgrounds", phase="before", kind="reset")
    client.create_background(pdf, name="Letterhead")
    assert calls(print_sandbox, "GET", "/backgrounds") == 1


def test_a_background_whose_answer_is_lost_twice_is_given_up_with(
    client: IntelliprintClient, print_sandbox: PrintSandbox, pdf: bytes
) -> None:
    print_sandbox.fault("POST", "/backgrounds", phase="before", kind="reset", times=2)
    with pytest.raises(UnknownOutcomeError):
        client.create_background(pdf, name="Letterhead")
    assert calls(print_sandbox, "POST", "/backgrounds") == 2


def test_a_background_that_cannot_be_looked_for_is_not_uploaded_again(
    client: IntelliprintClient, print_sandbox: PrintSandbox, pdf: bytes
) -> None:
    print_sandbox.fault("POST", "/backgrounds", phase="after", kind="reset")
    print_sandbox.fault("GET", "/backgrounds", kind="status", status=500, times=None)
    with pytest.raises(ServerError):
        client.create_background(pdf, name="Letterhead")
    assert calls(print_sandbox, "POST", "/backgrounds") == 1


def test_an_answer_that_tells_no_background_is_a_lost_one_and_a_refusal_is_none(
    client: IntelliprintClient, print_sandbox: PrintSandbox, pdf: bytes
) -> None:
    print_sandbox.fault("POST", "/backgrounds", phase="after", status=200, content={"object": "background"})
    made = client.create_background(pdf, name="Letterhead")
    assert backgrounds(client) == [made.id]
    before = len(print_sandbox.journal())
    with pytest.raises(BadRequestError):
        client.create_background(b"%PDF-1.7 broken", name="Letterhead")
    assert [one["method"] for one in print_sandbox.journal()[before:]] == ["POST"]


# ---- merging: repeated


@lost
def test_a_merge_is_repeated(
    client: IntelliprintClient, print_sandbox: PrintSandbox, pdf: bytes, fault: dict[str, Any]
) -> None:
    print_sandbox.fault("POST", "/tools/merge", **fault)
    merged = client.merge_files([pdf, pdf])
    print_sandbox.settle()
    assert calls(print_sandbox, "POST", "/tools/merge") == 2
    first, second = (one for one in print_sandbox.journal() if one["method"] == "POST")
    assert second["body_sha256"] is not None
    assert first["body_bytes"] == second["body_bytes"]
    target = io.BytesIO()
    assert client.download(merged.link, target) > 0
    assert target.getvalue().startswith(PDF)


def test_a_merge_of_urls_is_repeated_too(
    client: IntelliprintClient, print_sandbox: PrintSandbox, pdf: bytes
) -> None:
    url = print_sandbox.add_asset("a.pdf", pdf)
    print_sandbox.fault("POST", "/tools/merge", phase="after", kind="reset")
    assert client.merge_files([url, url]).object == "merge"
    assert calls(print_sandbox, "POST", "/tools/merge") == 2


def test_a_merge_ends_with_its_time_and_a_refused_one_at_once(
    client: IntelliprintClient, print_sandbox: PrintSandbox, pdf: bytes
) -> None:
    with pytest.raises(BadRequestError):
        client.merge_files([b"%PDF-1.7 broken"])
    assert calls(print_sandbox, "POST", "/tools/merge") == 1
    print_sandbox.fault("POST", "/tools/merge", kind="status", status=500, times=None)
    with pytest.raises(UnknownOutcomeError):
        client.merge_files([pdf])
    assert calls(print_sandbox, "POST", "/tools/merge") > 3


def test_a_merge_without_a_link_is_no_merge(
    client: IntelliprintClient, print_sandbox: PrintSandbox, pdf: bytes
) -> None:
    print_sandbox.fault("POST", "/tools/merge", phase="after", status=200, content={"id": "merge_1"})
    with pytest.raises(UnknownOutcomeError, match="link"):
        client.merge_files([pdf])


# ---- deleting: repeated, and what is not there any more counts as deleted


def _draft(client: IntelliprintClient, **more: Any) -> str:
    return client.create_print_job(
        PrintJobRequest.build(content="Dear Ada", recipients=[ADA, BOB], testmode=False, **more)
    ).id


def _paid(client: IntelliprintClient) -> str:
    return client.confirm_print_job(_draft(client)).id


def _deletions(client: IntelliprintClient, pdf: bytes) -> dict[str, tuple[Callable[[], Any], ...]]:
    """For each kind of object: how to delete one, and how to look at it."""
    draft_id, background = _draft(client), client.create_background(pdf)
    gone = client.create_mailing_list(name="Gone", recipients=[ADA])
    stays = client.create_mailing_list(name="Stays")
    ada = client.create_recipient(stays.id, address=ADA["address"])
    return {
        "/prints/{id}": (
            partial(client.delete_print_job, draft_id),
            partial(client.get_print_job, draft_id),
        ),
        "/backgrounds/{id}": (
            partial(client.delete_background, background.id),
            partial(client.get_background, background.id),
        ),
        "/mailing_lists/{id}": (
            partial(client.delete_mailing_list, gone.id),
            partial(client.get_mailing_list, gone.id),
        ),
        "/mailing_lists/{id}/recipients/{id}": (
            partial(client.delete_recipient, stays.id, ada.id),
            partial(client.get_recipient, stays.id, ada.id),
        ),
    }


ROUTES = ["/prints/{id}", "/backgrounds/{id}", "/mailing_lists/{id}", "/mailing_lists/{id}/recipients/{id}"]


@lost
@pytest.mark.parametrize("route", ROUTES)
def test_a_deletion_is_repeated_until_nothing_is_there(
    client: IntelliprintClient, print_sandbox: PrintSandbox, pdf: bytes, route: str, fault: dict[str, Any]
) -> None:
    delete, look = _deletions(client, pdf)[route]
    print_sandbox.fault("DELETE", route, **fault)
    gone = delete()
    assert isinstance(gone, Deleted)
    assert gone.deleted is True
    print_sandbox.settle()
    assert calls(print_sandbox, "DELETE") == 2
    with pytest.raises(NotFoundError):
        look()


@pytest.mark.parametrize("route", ROUTES)
def test_what_was_never_there_is_not_deleted(
    client: IntelliprintClient, print_sandbox: PrintSandbox, pdf: bytes, route: str
) -> None:
    delete, _ = _deletions(client, pdf)[route]
    delete()
    with pytest.raises(NotFoundError) as caught:
        delete()
    assert not caught.value.unsure
    assert calls(print_sandbox, "DELETE") == 2


@pytest.mark.parametrize("route", ROUTES)
def test_a_deletion_that_nobody_answers_is_unknown_in_the_end(
    client: IntelliprintClient, print_sandbox: PrintSandbox, pdf: bytes, route: str
) -> None:
    delete, look = _deletions(client, pdf)[route]
    print_sandbox.fault("DELETE", route, kind="reset", times=None)
    with pytest.raises(UnknownOutcomeError):
        delete()
    assert calls(print_sandbox, "DELETE") > 2
    assert look() is not None


@lost
def test_a_cancellation_is_repeated_and_counts_after_a_look(
    client: IntelliprintClient, print_sandbox: PrintSandbox, fault: dict[str, Any]
) -> None:
    paid = _paid(client)
    print_sandbox.fault("DELETE", "/prints/{id}", **fault)
    cancelled = client.delete_print_job(paid)
    print_sandbox.settle()
    assert isinstance(cancelled, PrintJob)
    assert cancelled.letters_by_status() == {"cancelled": 2}
    assert calls(print_sandbox, "DELETE") == 2
    assert client.get_print_job(paid).letters_by_status() == {"cancelled": 2}


def test_a_cancellation_that_came_too_late_tells_what_goes_on(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    paid = _paid(client)
    print_sandbox.advance(7200)
    with pytest.raises(BadRequestError):
        client.delete_print_job(paid)
    print_sandbox.fault("DELETE", "/prints/{id}", phase="before", kind="reset")
    now = client.delete_print_job(paid)
    assert isinstance(now, PrintJob)
    assert now.letters_by_status() == {"sent": 2}


def test_of_a_cancellation_in_parts_each_part_is_told_as_it_is(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    paid = _paid(client)
    letter = client.get_print_job(paid).letters[0].id
    move_letter(print_sandbox.sandbox, str(letter), status="printing")
    print_sandbox.fault("DELETE", "/prints/{id}", phase="after", kind="reset")
    now = client.delete_print_job(paid)
    assert isinstance(now, PrintJob)
    assert now.letters_by_status() == {"printing": 1, "cancelled": 1}


@pytest.mark.parametrize("make", [_draft, _paid])
def test_a_refusal_after_a_lost_answer_is_one_as_long_as_the_job_could_still_be_stopped(
    client: IntelliprintClient, print_sandbox: PrintSandbox, make: Callable[..., str]
) -> None:
    made = make(client)
    print_sandbox.fault("DELETE", "/prints/{id}", phase="before", kind="reset")
    print_sandbox.fault("DELETE", "/prints/{id}", kind="status", status=400)
    with pytest.raises(BadRequestError):
        client.delete_print_job(made)
    assert "cancelled" not in client.get_print_job(made).letters_by_status()


def test_a_refusal_after_a_lost_answer_of_what_is_gone_counts_as_deleted(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    made = _draft(client)
    print_sandbox.fault("DELETE", "/prints/{id}", phase="after", kind="reset")
    print_sandbox.fault("DELETE", "/prints/{id}", kind="status", status=400)
    assert client.delete_print_job(made) == Deleted(id=made, object="print", deleted=True)


def test_a_background_that_is_in_use_stays_also_after_a_lost_answer(
    client: IntelliprintClient, print_sandbox: PrintSandbox, pdf: bytes
) -> None:
    background = client.create_background(pdf)
    client.confirm_print_job(_draft(client, background={"first_page": background.id}))
    print_sandbox.fault("DELETE", "/backgrounds/{id}", phase="after", kind="reset")
    with pytest.raises(BadRequestError):
        client.delete_background(background.id)
    assert client.get_background(background.id).id == background.id


# ---- mailing lists: a recipient who is there twice gets two letters


@lost
def test_a_mailing_list_is_made_once_and_a_lost_answer_says_where_to_look(
    client: IntelliprintClient, print_sandbox: PrintSandbox, fault: dict[str, Any]
) -> None:
    print_sandbox.fault("POST", "/mailing_lists", **fault)
    with pytest.raises(UnknownOutcomeError, match="iterate_mailing_lists before making it again"):
        client.create_mailing_list(name="Members", recipients=[ADA, BOB])
    print_sandbox.settle()
    assert calls(print_sandbox, "POST") == 1
    assert [one.name for one in client.iterate_mailing_lists()] == ["Members"] * executed(fault)


@lost
def test_a_recipient_is_added_once_and_a_lost_answer_says_where_to_look(
    client: IntelliprintClient, print_sandbox: PrintSandbox, fault: dict[str, Any]
) -> None:
    members = client.create_mailing_list(name="Members")
    print_sandbox.fault("POST", "/mailing_lists/{id}/recipients", **fault)
    with pytest.raises(UnknownOutcomeError, match="look with iterate_recipients first") as caught:
        client.create_recipient(members.id, address=ADA["address"])
    print_sandbox.settle()
    assert "second letter" in str(caught.value)
    assert "Ada" not in str(caught.value)
    assert calls(print_sandbox, "POST", "/recipients") == 1
    assert len(list(client.iterate_recipients(members.id))) == executed(fault)


@lost
def test_recipients_are_added_to_a_list_once(
    client: IntelliprintClient, print_sandbox: PrintSandbox, fault: dict[str, Any]
) -> None:
    members = client.create_mailing_list(name="Members", recipients=[ADA])
    print_sandbox.fault("POST", "/mailing_lists/{id}", **fault)
    with pytest.raises(UnknownOutcomeError, match="look with iterate_recipients first"):
        client.update_mailing_list(members.id, recipients=[BOB])
    print_sandbox.settle()
    assert calls(print_sandbox, "POST", members.id) == 1
    assert client.get_mailing_list(members.id).recipients == 1 + executed(fault)


@lost
def test_a_replacement_is_sent_once_and_calling_it_again_leaves_everybody_there_once(
    client: IntelliprintClient, print_sandbox: PrintSandbox, fault: dict[str, Any]
) -> None:
    members = client.create_mailing_list(name="Members", recipients=[ADA])
    print_sandbox.fault("POST", "/mailing_lists/{id}", **fault)
    replace_all = partial(
        client.update_mailing_list, members.id, recipients=[ADA, BOB], delete_old_recipients=True
    )
    with pytest.raises(UnknownOutcomeError, match="Call it again"):
        replace_all()
    assert calls(print_sandbox, "POST", members.id) == 1
    replace_all()
    print_sandbox.settle()
    names = [one.address.name for one in client.iterate_recipients(members.id) if one.address]
    assert sorted(map(str, names)) == ["Ada Reader", "Bob Reader"]


@lost
def test_what_only_changes_a_list_or_a_recipient_is_repeated(
    client: IntelliprintClient, print_sandbox: PrintSandbox, fault: dict[str, Any]
) -> None:
    members = client.create_mailing_list(name="Members", recipients=[ADA])
    (ada,) = client.iterate_recipients(members.id)
    print_sandbox.fault("POST", "/mailing_lists/{id}", **fault)
    assert client.update_mailing_list(members.id, name="Friends").name == "Friends"
    print_sandbox.fault("POST", "/mailing_lists/{id}/recipients/{id}", **fault)
    changed = client.update_recipient(members.id, ada.id, address={"name": "Ada Writer"})
    print_sandbox.settle()
    assert changed.address is not None
    assert changed.address.name == "Ada Writer"
    assert calls(print_sandbox, "POST", members.id) == calls(print_sandbox, "POST", ada.id) == 2
    assert client.get_mailing_list(members.id).recipients == 1


def test_a_validation_which_is_charged_is_asked_for_once(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    members = client.create_mailing_list(name="Members", recipients=[ADA])
    print_sandbox.fault("POST", "/mailing_lists/{id}", phase="after", kind="reset")
    with pytest.raises(UnknownOutcomeError, match="get_mailing_list whether the validation"):
        client.update_mailing_list(members.id, address_validation=True)
    assert calls(print_sandbox, "POST", members.id) == 1
    assert client.get_mailing_list(members.id).address_validation is not None


def test_what_was_refused_without_work_is_sent_again_and_is_there_once(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    members = client.create_mailing_list(name="Members")
    print_sandbox.fault(
        "POST", "/mailing_lists/{id}/recipients", status=429, headers={"Retry-After": "3"}, times=2
    )
    client.create_recipient(members.id, address=ADA["address"])
    assert client.get_mailing_list(members.id).recipients == 1
    print_sandbox.fault(
        "POST", "/mailing_lists/{id}/recipients", status=429, headers={"Retry-After": "99"}, times=None
    )
    with pytest.raises(RateLimitError):
        client.create_recipient(members.id, address=BOB["address"])
    assert client.get_mailing_list(members.id).recipients == 1
