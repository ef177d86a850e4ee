"""Every method of the hook, over HTTP against the sandbox."""

from __future__ import annotations

import hashlib
import io
import logging
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk import Connection

from airflow_provider_print.core.errors import (
    BadRequestError,
    InputError,
    NotFoundError,
    UnknownOutcomeError,
)
from airflow_provider_print.hooks.intelliprint import IntelliprintHook
from airflow_provider_print.intelliprint.models import Deleted, PrintJob
from airflow_provider_print.intelliprint.requests import PrintJobRequest, PrintJobUpdate
from tests.support.stub import Stub, answer

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_provider_print.sandbox import PrintSandbox

ADA = {"address": {"name": "Ada Reader", "line": "7 Any Road\nANYTOWN", "postcode": "AB1 2CD"}}
BOB = {"address": {"name": "Bob Reader", "line": "8 Any Road\nANYTOWN", "postcode": "AB1 2CD"}}


def job(**raw: Any) -> PrintJobRequest:
    given: dict[str, Any] = {"testmode": True, "recipients": [ADA]}
    if not {"file", "content", "template"} & raw.keys():
        given["content"] = "Dear Ada"
    return PrintJobRequest.build(**given | raw)


def calls(box: PrintSandbox, method: str, end: str = "") -> int:
    return sum(1 for one in box.journal() if one["method"] == method and one["path"].endswith(end))


def on_stub(stub: Stub) -> IntelliprintHook:
    given = Connection(
        conn_id="c", conn_type="intelliprint", host=stub.url, password="k", extra='{"rate": 0}'
    )
    return IntelliprintHook.from_connection(given)


# ---- print jobs


def test_a_draft_is_made_read_changed_and_confirmed(hook: IntelliprintHook) -> None:
    draft = hook.create_print_job(job(reference="batch 7", metadata={"order": "77"}))
    assert draft.confirmed is False
    assert draft.cost is not None
    assert draft.cost.after_tax == draft.cost.amount + draft.cost.tax
    update = PrintJobUpdate.build(postage={"service": "uk_first_class"}, reference="batch 8")
    changed = hook.update_print_job(draft.id, update)
    assert changed.reference == "batch 8"
    assert changed.cost is not None
    assert changed.cost.after_tax > draft.cost.after_tax
    confirmed = hook.confirm_print_job(draft.id)
    assert confirmed.confirmed is True
    assert hook.get_print_job(draft.id).letters_by_status() == {"waiting_to_print": 1}


def test_a_reference_is_cleared_by_none(hook: IntelliprintHook) -> None:
    draft = hook.create_print_job(job(reference="batch 7"))
    assert hook.update_print_job(draft.id, PrintJobUpdate.build(reference=None)).reference is None


def test_a_file_of_each_kind_of_source_arrives_whole(
    hook: IntelliprintHook, pdf: bytes, tmp_path: Path
) -> None:
    from airflow.sdk import ObjectStoragePath
    from airflow.sdk.io import attach
    from fsspec.implementations.memory import MemoryFileSystem

    attach("memory", fs=MemoryFileSystem())
    path = tmp_path / "run.pdf"
    path.write_bytes(pdf)
    stored = ObjectStoragePath("memory://bucket/run.pdf")
    stored.write_bytes(pdf)
    for source in (pdf, path, str(path), f"file://{path}", "memory://bucket/run.pdf", stored):
        draft = hook.create_print_job(job(file=source))
        assert draft.file is not None
        assert (draft.file.size, draft.file.pages) == (len(pdf), 1)


def test_a_remote_file_is_fetched_by_the_service(
    hook: IntelliprintHook, pdf: bytes, print_sandbox: PrintSandbox
) -> None:
    url = print_sandbox.add_asset("run.pdf", pdf)
    draft = hook.create_print_job(job(file=url))
    assert draft.file is not None
    assert draft.file.size == len(pdf)


def test_extra_documents_go_into_the_envelope(hook: IntelliprintHook, pdf: bytes) -> None:
    draft = hook.create_print_job(
        job(file=pdf, extra_documents=[{"document": pdf, "apply_background": False}])
    )
    assert draft.letters[0].pages == 2


def test_a_job_that_is_created_confirmed_is_warned_of(
    hook: IntelliprintHook, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        made = hook.create_print_job(job(confirmed=True))
    assert made.confirmed is True
    assert "created confirmed" in caplog.text


def test_a_draft_is_deleted_and_a_confirmed_job_cancelled(hook: IntelliprintHook) -> None:
    draft = hook.create_print_job(job())
    assert hook.delete_print_job(draft.id) == Deleted(id=draft.id, object="print", deleted=True)
    with pytest.raises(NotFoundError):
        hook.get_print_job(draft.id)
    paid = hook.create_print_job(job())
    hook.confirm_print_job(paid.id)
    cancelled = hook.delete_print_job(paid.id)
    assert isinstance(cancelled, PrintJob)
    assert cancelled.letters_by_status() == {"cancelled": 1}
    with pytest.raises(BadRequestError):
        hook.delete_print_job(paid.id)


def test_jobs_are_listed_by_every_filter(hook: IntelliprintHook) -> None:
    ids = [hook.create_print_job(job(reference=f"R&D #{n % 2}")).id for n in range(4)]
    hook.confirm_print_job(ids[0])
    page = hook.list_print_jobs(
        limit=2,
        skip=0,
        sort_field="created",
        sort_order="desc",
        fields=["reference", "letters.status"],
        testmode=True,
        confirmed=False,
        letters_status=["draft", "sent"],
        reference="R&D #1",
        type="letter",
    )
    assert {one.id for one in page.data} == {ids[1], ids[3]}
    assert page.total_available == 2
    assert not page.has_more
    assert hook.list_print_jobs(testmode=True, confirmed=True).data[0].id == ids[0]
    assert hook.list_print_jobs(testmode=True, letters_returned_acknowledged=True).data == []
    assert hook.list_print_jobs().data == []


def test_all_pages_are_gone_through_once(hook: IntelliprintHook) -> None:
    ids = [hook.create_print_job(job()).id for _ in range(5)]
    found = [one.id for one in hook.iterate_print_jobs(testmode=True, page_size=2, fields=["created"])]
    assert sorted(found) == sorted(ids)
    assert len(found) == len(set(found))


@pytest.mark.parametrize("given", [{"limit": 0}, {"limit": 1001}, {"limit": True}, {"skip": -1}])
def test_a_page_that_cannot_be_is_refused_before_the_call(
    hook: IntelliprintHook, print_sandbox: PrintSandbox, given: dict[str, Any]
) -> None:
    with pytest.raises(InputError) as caught:
        hook.list_print_jobs(**given)
    assert caught.value.param in given
    assert print_sandbox.journal() == []


BY_ID: list[tuple[str, str, tuple[Any, ...]]] = [
    ("get_print_job", "print_job_id", ()),
    ("update_print_job", "print_job_id", (PrintJobUpdate.build(reference="x"),)),
    ("confirm_print_job", "print_job_id", ()),
    ("delete_print_job", "print_job_id", ()),
    ("get_background", "background_id", ()),
    ("delete_background", "background_id", ()),
    ("get_mailing_list", "mailing_list_id", ()),
    ("delete_mailing_list", "mailing_list_id", ()),
    ("list_recipients", "mailing_list_id", ()),
    ("get_recipient", "mailing_list_id", ("recipient_1",)),
    ("delete_recipient", "mailing_list_id", ("recipient_1",)),
]


@pytest.mark.parametrize("wrong", ["", "../backgrounds", "print_1?confirmed=true", None])
@pytest.mark.parametrize(("name", "param", "rest"), BY_ID, ids=[row[0] for row in BY_ID])
def test_an_id_that_would_change_the_call_is_refused_by_its_argument(
    hook: IntelliprintHook, print_sandbox: PrintSandbox, name: str, param: str, rest: Any, wrong: Any
) -> None:
    with pytest.raises(InputError) as caught:
        getattr(hook, name)(wrong, *rest)
    assert caught.value.param == param
    assert print_sandbox.journal() == []


@pytest.mark.parametrize(("name", "param", "rest"), BY_ID[:-2], ids=[row[0] for row in BY_ID[:-2]])
def test_an_id_that_nobody_knows_is_named_by_its_argument(
    hook: IntelliprintHook, name: str, param: str, rest: Any
) -> None:
    with pytest.raises(NotFoundError) as caught:
        getattr(hook, name)("nobody_knows", *rest)
    assert f"param={param}" in str(caught.value)
    assert "Check the id" in str(caught.value)


def test_a_recipient_is_named_by_its_own_argument(hook: IntelliprintHook) -> None:
    made = hook.create_mailing_list(name="Readers", recipients=[ADA])
    for call in (hook.get_recipient, hook.delete_recipient):
        with pytest.raises(InputError) as bad:
            call(made.id, "a/b")
        with pytest.raises(NotFoundError) as unknown:
            call(made.id, "nobody_knows")
        assert bad.value.param == unknown.value.param == "recipient_id"


def test_a_create_that_is_not_found_asks_for_a_look_at_ids_and_host() -> None:
    body = {"error": {"message": "No such thing", "type": "invalid_request_error", "code": "not_found"}}
    with Stub([answer(404, body)]) as stub, pytest.raises(NotFoundError) as caught:
        on_stub(stub).create_print_job(job())
    assert "No such thing" in str(caught.value)
    assert "Check the ids in the request, and the host of the connection" in str(caught.value)


def test_the_words_of_the_service_reach_the_caller(hook: IntelliprintHook) -> None:
    with pytest.raises(BadRequestError) as caught:
        hook.create_print_job(job(file=b"%PDF-1.7 broken"))
    assert caught.value.status == 400
    assert caught.value.code
    assert caught.value.request_id
    with pytest.raises(BadRequestError) as caught:
        hook.create_print_job(job(background={"first_page": "bg_unknown"}))
    assert caught.value.param == "background.first_page"


# ---- lost answers


@pytest.mark.parametrize("kind", ["reset", "close", "truncate", "garbage", "status"])
def test_a_create_whose_answer_is_lost_is_sent_once(
    hook: IntelliprintHook, print_sandbox: PrintSandbox, kind: str
) -> None:
    print_sandbox.fault("POST", "/prints", phase="after", kind=kind)
    with pytest.raises(UnknownOutcomeError):
        hook.create_print_job(job(reference="batch 7"))
    assert calls(print_sandbox, "POST", "/prints") == 1
    assert len(hook.list_print_jobs(testmode=True, reference="batch 7").data) == 1


def test_a_confirm_whose_answer_is_lost_is_sent_once_and_the_job_knows(
    hook: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    draft = hook.create_print_job(job())
    print_sandbox.fault("POST", "/prints/{id}", phase="after", kind="reset")
    with pytest.raises(UnknownOutcomeError):
        hook.confirm_print_job(draft.id)
    assert calls(print_sandbox, "POST", draft.id) == 1
    assert hook.get_print_job(draft.id).confirmed is True


def test_a_delete_whose_answer_is_lost_is_repeated_until_nothing_is_there(
    hook: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    draft = hook.create_print_job(job())
    print_sandbox.fault("DELETE", "/prints/{id}", phase="after", kind="reset")
    assert hook.delete_print_job(draft.id) == Deleted(id=draft.id, object="print", deleted=True)
    assert calls(print_sandbox, "DELETE", draft.id) == 2


def test_a_cancel_whose_answer_is_lost_counts_after_a_look(
    hook: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    paid = hook.create_print_job(job())
    hook.confirm_print_job(paid.id)
    print_sandbox.fault("DELETE", "/prints/{id}", phase="after", kind="close")
    cancelled = hook.delete_print_job(paid.id)
    assert isinstance(cancelled, PrintJob)
    assert cancelled.letters_by_status() == {"cancelled": 1}


def test_a_background_whose_answer_is_lost_is_looked_for(
    hook: IntelliprintHook, print_sandbox: PrintSandbox, pdf: bytes
) -> None:
    print_sandbox.fault("POST", "/backgrounds", phase="after", kind="reset")
    made = hook.create_background(pdf, name="Letterhead")
    assert [one.id for one in hook.list_backgrounds().data] == [made.id]


def test_a_background_that_never_arrived_is_made_once_more(
    hook: IntelliprintHook, print_sandbox: PrintSandbox, pdf: bytes
) -> None:
    print_sandbox.fault("POST", "/backgrounds", phase="before", kind="reset")
    made = hook.create_background(pdf, name="Letterhead")
    assert [one.id for one in hook.list_backgrounds().data] == [made.id]


def test_a_create_whose_answer_makes_no_sense_is_no_success_and_no_refusal(hook: IntelliprintHook) -> None:
    with Stub([answer(200, {"id": "print_1", "letters": "Ada Reader"})]) as stub:
        given = Connection(conn_id="c", host=stub.url, password="k", extra='{"rate": 0}')
        with pytest.raises(UnknownOutcomeError, match=r"letters cannot be read") as caught:
            IntelliprintHook.from_connection(given).create_print_job(job())
        assert len(stub.seen) == 1
    assert "Ada" not in str(caught.value)


# ---- backgrounds


def test_a_background_is_made_read_renamed_listed_and_deleted(hook: IntelliprintHook, pdf: bytes) -> None:
    made = hook.create_background(pdf, name="Letterhead", team="team_1")
    assert made.file is not None
    assert made.file.size == len(pdf)
    assert hook.get_background(made.id).name == "Letterhead"
    renamed = hook.update_background(made.id, name="Paper", team=None)
    assert (renamed.name, renamed.team) == ("Paper", None)
    other = hook.create_background(pdf)
    found = list(hook.iterate_backgrounds(page_size=1))
    assert {one.id for one in found} == {made.id, other.id}
    page = hook.list_backgrounds(limit=1, skip=1, sort_field="name", sort_order="asc", fields=["name"])
    assert len(page.data) == 1
    assert hook.delete_background(made.id).deleted
    with pytest.raises(NotFoundError):
        hook.get_background(made.id)


def test_a_background_needs_a_file_and_a_change(hook: IntelliprintHook, print_sandbox: PrintSandbox) -> None:
    with pytest.raises(InputError, match="cannot be a URL"):
        hook.create_background("https://files.example/a.pdf")
    with pytest.raises(InputError, match="nothing to change"):
        hook.update_background("bg_1")
    for wrong in ("a\0b", " ", "a\nb"):
        with pytest.raises(InputError, match="one line of text"):
            hook.update_background("bg_1", name=wrong)
        with pytest.raises(InputError, match="one line of text"):
            hook.create_mailing_list(name=wrong)
    assert print_sandbox.journal() == []


# ---- mailing lists


def test_a_mailing_list_is_made_read_changed_listed_and_deleted(hook: IntelliprintHook) -> None:
    made = hook.create_mailing_list(name="Members", recipients=[ADA, BOB], address_validation=False)
    assert made.recipients == 2
    assert hook.get_mailing_list(made.id).name == "Members"
    changed = hook.update_mailing_list(made.id, name="Friends", recipients=[ADA], delete_old_recipients=True)
    assert (changed.name, changed.recipients) == ("Friends", 1)
    page = hook.list_mailing_lists(limit=5, skip=0, sort_field="name", sort_order="asc", fields=["name"])
    assert [one.id for one in page.data] == [made.id]
    assert [one.id for one in hook.iterate_mailing_lists(page_size=1)] == [made.id]
    assert hook.delete_mailing_list(made.id).object == "mailing_list"
    with pytest.raises(NotFoundError):
        hook.get_mailing_list(made.id)
    with pytest.raises(InputError, match="nothing to change"):
        hook.update_mailing_list(made.id)


def test_recipients_of_a_mailing_list_are_added_read_changed_listed_and_deleted(
    hook: IntelliprintHook,
) -> None:
    members = hook.create_mailing_list(name="Members")
    ada = hook.create_recipient(members.id, address=ADA["address"], variables={"slang": "Al"})
    assert hook.get_recipient(members.id, ada.id).variables == {"slang": "Al"}
    changed = hook.update_recipient(members.id, ada.id, address={"name": "Ada Writer"})
    assert changed.address is not None
    assert (changed.address.name, changed.address.line) == ("Ada Writer", "7 Any Road\nANYTOWN")
    assert changed.variables == {"slang": "Al"}
    bob = hook.create_recipient(members.id, address=BOB["address"])
    page = hook.list_recipients(
        members.id, limit=1, skip=1, sort_field="created", sort_order="asc", fields=["created"]
    )
    assert len(page.data) == 1
    assert {one.id for one in hook.iterate_recipients(members.id, page_size=1)} == {ada.id, bob.id}
    assert hook.delete_recipient(members.id, ada.id).deleted
    with pytest.raises(NotFoundError):
        hook.get_recipient(members.id, ada.id)
    with pytest.raises(InputError, match="nothing to change"):
        hook.update_recipient(members.id, bob.id)


def test_recipients_of_a_list_are_checked_as_those_of_a_job(hook: IntelliprintHook) -> None:
    with pytest.raises(InputError, match=r"row 2: address\.country"):
        hook.create_mailing_list(recipients=[ADA, {"address": {"line": "x", "country": "UK"}}])


# ---- merging and fetching


def test_files_are_merged_in_order_and_fetched_without_the_api_key(
    hook: IntelliprintHook, print_sandbox: PrintSandbox, pdf: bytes
) -> None:
    merged = hook.merge_files([pdf, pdf])
    target = io.BytesIO(b"begin")
    target.seek(5)
    size = hook.download(merged.link, target)
    data = target.getvalue()
    assert data[:10] == b"begin%PDF-"
    assert size == len(data) - 5
    from airflow_provider_print.sandbox.pdf import inspect

    assert inspect(data[5:]).pages == 2
    fetched = [one for one in print_sandbox.journal() if one["service"] == "intelliprint-files"]
    assert [one["authorized"] for one in fetched] == [False]


def test_urls_are_merged_too_but_not_together_with_files(
    hook: IntelliprintHook, print_sandbox: PrintSandbox, pdf: bytes
) -> None:
    url = print_sandbox.add_asset("a.pdf", pdf)
    assert hook.merge_files([url, url]).object == "merge"
    for wrong in ([url, pdf], [], "run.pdf"):
        with pytest.raises(InputError) as caught:
            hook.merge_files(wrong)
        assert caught.value.param == "files"
    with pytest.raises(InputError) as caught:
        hook.merge_files([pdf, b""])
    assert caught.value.param == "files[1]"


def test_a_download_that_breaks_off_begins_again_where_the_target_stood(
    hook: IntelliprintHook, print_sandbox: PrintSandbox, pdf: bytes
) -> None:
    merged = hook.merge_files([pdf, pdf])
    whole, again = io.BytesIO(), io.BytesIO()
    hook.download(merged.link, whole)
    print_sandbox.fault(service="intelliprint-files", phase="after", kind="truncate", bytes=100)
    hook.download(merged.link, again)
    assert again.getvalue() == whole.getvalue()


def test_a_download_has_a_limit(hook: IntelliprintHook, pdf: bytes) -> None:
    from airflow_provider_print.core.errors import UnexpectedAnswerError

    merged = hook.merge_files([pdf, pdf])
    with pytest.raises(UnexpectedAnswerError, match="longer than 100 bytes"):
        hook.download(merged.link, io.BytesIO(), max_bytes=100)


def test_a_link_that_died_says_how_to_get_another_and_shows_no_signature(
    hook: IntelliprintHook, print_sandbox: PrintSandbox, pdf: bytes
) -> None:
    merged = hook.merge_files([pdf, pdf])
    print_sandbox.advance(3 * 3600)
    with pytest.raises(Exception, match=r"answered 40\d instead of a file.*for a fresh one") as caught:
        hook.download(merged.link, io.BytesIO())
    assert "signature" not in str(caught.value)


# ---- the whole


def test_a_large_file_is_streamed_and_hashed(hook: IntelliprintHook, pdf: bytes, tmp_path: Path) -> None:
    path = tmp_path / "large.pdf"
    path.write_bytes(pdf + b"\n%" + b"x" * 5_000_000)
    document = hook.open_file(path)
    draft = hook.create_print_job(job(file=document))
    assert draft.file is not None
    assert draft.file.size == path.stat().st_size
    assert document.sha256() == hashlib.sha256(path.read_bytes()).hexdigest()  # type: ignore[union-attr]


def test_every_call_names_us_and_airflow(hook: IntelliprintHook, print_sandbox: PrintSandbox) -> None:
    import airflow

    import airflow_provider_print

    hook.list_print_jobs()
    agent = print_sandbox.journal()[0]["user_agent"]
    assert (
        agent
        == f"airflow-provider-print/{airflow_provider_print.__version__} apache-airflow/{airflow.__version__}"
    )


@pytest.mark.parametrize(
    "source", ["memory://bucket/missing.pdf", "nosuchscheme://x/y.pdf", "file:///no/such.pdf"]
)
def test_a_storage_file_that_cannot_be_opened_is_bad_input(hook: IntelliprintHook, source: str) -> None:
    with pytest.raises(InputError) as caught:
        hook.open_file(source, param="files[0]")
    assert caught.value.param == "files[0]"
