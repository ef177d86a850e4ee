"""From a request and a letter key to a print job: what the hook, and so the operators, call.

Reads the files once to measure and digest them, writes down beside the job which letter it is, and lets the
paid step decide the rest.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from airflow_provider_print.core.documents import Document
from airflow_provider_print.core.errors import CheckError, InputError
from airflow_provider_print.core.identity import LetterKey, fingerprint
from airflow_provider_print.intelliprint.checks import QuoteChecks
from airflow_provider_print.intelliprint.driver import Driver, Register
from airflow_provider_print.intelliprint.holding import HELD_SECONDS, Held, naming, result_of
from airflow_provider_print.intelliprint.letter import Attempt, Letter, Notice, Policy
from airflow_provider_print.intelliprint.submission import submit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from airflow_provider_print.intelliprint.client import IntelliprintClient
    from airflow_provider_print.intelliprint.models import PrintJob
    from airflow_provider_print.intelliprint.requests import PrintJobRequest
    from airflow_provider_print.intelliprint.result import PrintJobResult
    from airflow_provider_print.intelliprint.submission import Steps

# What makes a paid job the same letter. Background ids are left out and only their presence counts: a DAG
# that makes its letterhead anew on each run asks for the same letter. The day of posting is left out, too:
# "today" is another day after midnight.
_FINGERPRINTED = (
    "type",
    "template",
    "recipients",
    "mailing_list",
    "splitting",
    "remove_letters",
    "printing",
    "postage",
    "address_window",
)
# Spelling out a default (documented) asks for the same letter as leaving it out.
_DEFAULTS: dict[str, Any] = {
    "type": "letter",
    "method": "none",
    "country": "GB",
    "service": "uk_second_class",
    "double_sided": "no",
    "premium_quality": False,
    "black_and_white": False,
    "matt_finish": False,
    "address_window": "left",
}
_SETTLED_HERE = {"reference", "file", "extra_documents", "metadata"}
# Which rows a print job of a bulk has; see `bulk.proof`.
_ROWS = "bulk_rows"
_RESERVED = {"content_digest", "file_bytes", "made_in"}


@dataclass(frozen=True, kw_only=True)
class Care:
    """How a letter is sent: what it must keep, which attempt this is, and whom to tell.

    :param checks: limits that the draft must keep; the defaults of `QuoteChecks` when None.
    :param attempt: which attempt this is.
    :param policy: what to do in doubt.
    :param register: where decisions are written down; None where Airflow has none.
    :param on_id: told the job's id as soon as there is one.
    :param tell: told what is worth counting.
    :param may_pay: called once it is clear that money would move; raises to stop before that.
    :param quote_only: stop at the draft; a later call with the same letter key goes on with it.
    :param sleep: lets seconds pass.
    """

    checks: QuoteChecks | None = None
    attempt: Attempt = field(default_factory=Attempt)
    policy: Policy = field(default_factory=Policy)
    register: Register | None = None
    on_id: Callable[[str], None] = lambda _: None
    tell: Callable[[Notice], None] = lambda _: None
    may_pay: Callable[[], None] = lambda: None
    quote_only: bool = False
    sleep: Callable[[float], None] = time.sleep


def send(
    client: IntelliprintClient, request: PrintJobRequest, key: LetterKey, care: Care | None = None
) -> PrintJobResult:
    """Post one letter (or one job of many), or go on with what an earlier attempt left.

    :param client: speaks to the service.
    :param request: what to post, with its test mode settled; reference and the letter's own metadata are
        filled in here.
    :param key: which letter this is.
    :param care: how it is sent.
    :return: the job in numbers.
    :raises PrintError: with `letter_key` set, so that whatever may exist can be looked for.
    """
    care = care or Care()
    with naming(key):
        driver, steps = _begun(client, request, key, care)
        return result_of(driver.drive(steps))


def hold(
    client: IntelliprintClient, request: PrintJobRequest, key: LetterKey, care: Care | None = None
) -> Held:
    """Go the way of `send` up to the quote, and stop before anything is decided.

    Takes what `send` takes, and raises what it raises.

    :return: the letter with its quote, to go on with or to leave.
    """
    care = care or Care()
    care = replace(care, attempt=replace(care.attempt, rival=HELD_SECONDS))
    with naming(key):
        driver, steps = _begun(client, request, key, care)
        return Held(driver, steps, key)


def _begun(
    client: IntelliprintClient, request: PrintJobRequest, key: LetterKey, care: Care
) -> tuple[Driver, Steps]:
    """Measure and digest the files, write down which letter it is; nothing is asked for yet."""
    opened = _open_files(client, request)
    letter = Letter(
        key=key,
        fingerprint=_fingerprint(opened),
        request_digest=_request_digest(opened),
        content_digest=_content_digest(opened),
        file_bytes=opened.file.size if isinstance(opened.file, Document) else None,
    )
    metadata = _metadata(letter.metadata(care.attempt.made_in), opened)
    asked = opened.model_copy(update={"reference": key.reference, "metadata": metadata})
    driver = Driver(client, asked, care.register, sleep=care.sleep)
    return driver, _steps(letter, asked, care)


def _steps(letter: Letter, asked: PrintJobRequest, care: Care) -> Steps:
    limits = care.checks or QuoteChecks()
    splitting = asked.splitting is not None and asked.splitting.method != "none"

    def verify(job: PrintJob) -> None:
        if job.testmode is not None and bool(job.testmode) != bool(asked.testmode):
            was = "a test job" if job.testmode else "live"
            raise CheckError(
                f"Print job {job.id} is {was}, which was not asked for. This attempt has paid nothing.",
                param="testmode",
            )
        limits.verify(job, sent_bytes=_sent_bytes(job, letter), splitting=splitting)

    return submit(
        letter,
        verify=verify,
        attempt=care.attempt,
        policy=care.policy,
        on_id=care.on_id,
        tell=care.tell,
        may_pay=care.may_pay,
        quote_only=care.quote_only,
    )


def _sent_bytes(job: PrintJob, letter: Letter) -> int | None:
    """Return the size of the file that a draft was made of, by this attempt or an earlier one."""
    known = job.metadata or {}
    told = str(known.get("file_bytes", ""))
    if told.isdecimal():
        return int(told)
    return letter.file_bytes if known.get("request_digest") == letter.request_digest else None


def _open_files(client: IntelliprintClient, request: PrintJobRequest) -> PrintJobRequest:
    changes: dict[str, Any] = {}
    if request.file is not None:
        changes["file"] = client.open_file(request.file)
    if request.extra_documents:
        changes["extra_documents"] = [
            extra.model_copy(
                update={"document": client.open_file(extra.document, param=f"extra_documents[{n}].document")}
            )
            for n, extra in enumerate(request.extra_documents)
        ]
    return request.model_copy(update=changes)


def _fingerprint(request: PrintJobRequest) -> str:
    values = _told(request.model_dump(mode="json", include=set(_FINGERPRINTED)))
    values.get("postage", {}).pop("mail_date", None)
    pages = request.background
    values["background"] = [bool(pages and pages.first_page), bool(pages and pages.other_pages)]
    return fingerprint({name: value for name, value in values.items() if value != {}})


def _told(value: Any) -> Any:
    """Return a value without what is not given and what is the default anyway."""
    if isinstance(value, list):
        return [_told(one) for one in value]
    if not isinstance(value, dict):
        return value
    inside = {
        name: one if name == "variables" else _told(one) for name, one in value.items() if one is not None
    }
    return {name: one for name, one in inside.items() if one != {} and (name, one) not in _DEFAULTS.items()}


def _request_digest(request: PrintJobRequest) -> str:
    """Return a digest of everything that is asked for, so that no other draft is gone on with.

    Metadata is left out: a label with the run id in it makes no other letter. But a draft that tells of other
    rows of a bulk is no draft of these, although the words be the same.
    """
    values = request.model_dump(mode="json", exclude=_SETTLED_HERE, exclude_none=True)
    rows = {name: text for name, text in (request.metadata or {}).items() if name.startswith(_ROWS)}
    if rows:
        values["rows"] = rows
    values["files"] = [_name_of(file) for file in _files(request)]
    values["apply_background"] = [bool(extra.apply_background) for extra in request.extra_documents or []]
    return fingerprint(values)


def _content_digest(request: PrintJobRequest) -> str | None:
    """Return a digest of all that is printed, as far as it is known here; of a URL without what signs it."""
    digests = [
        file.sha256() if isinstance(file, Document) else _without_query(str(file.url))
        for file in _files(request)
    ]
    if request.content is not None:
        digests.append(hashlib.sha256(request.content.encode()).hexdigest())
    return fingerprint({"content": digests}) if digests else None


def _without_query(url: str) -> str:
    return url.partition("#")[0].partition("?")[0]


def _files(request: PrintJobRequest) -> Iterable[Any]:
    if request.file is not None:
        yield request.file
    yield from (extra.document for extra in request.extra_documents or [])


def _name_of(file: Any) -> str:
    """Return what a file is known by: its bytes, or the URL that the service fetches it from."""
    return file.sha256() if isinstance(file, Document) else str(file.url)


def _metadata(own: dict[str, str], request: PrintJobRequest) -> dict[str, str]:
    taken = sorted((set(own) | _RESERVED) & set(request.metadata or {}))
    if taken:
        raise InputError(
            f"metadata.{taken[0]} is written by this provider, to recognise the letter by.",
            param=f"metadata.{taken[0]}",
            advice="Choose another name.",
        )
    return {**(request.metadata or {}), **own}
