"""Print jobs as they are kept: made, changed, confirmed, cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_print.sandbox import pdf
from airflow_provider_print.sandbox.intelliprint import (
    files,
    ledger,
    letters,
    lifecycle,
    markup,
    pricing,
    splitting,
    templates,
    workdays,
)
from airflow_provider_print.sandbox.intelliprint.errors import invalid, missing, no_such, payment

if TYPE_CHECKING:
    from airflow_provider_print.sandbox.core import Sandbox
    from airflow_provider_print.sandbox.intelliprint.letters import Job

KIND = "print"
ACCOUNT = "acc_sandbox"
_DEFAULTS: dict[str, dict[str, Any]] = {
    "splitting": {"method": "none", "phrase": None, "pages": None},
    "remove_letters": {"with_phrase": None, "series": []},
    "printing": {
        "double_sided": "no",
        "double_sided_specific_pages": None,
        "premium_quality": False,
        "black_and_white": False,
        "matt_finish": False,
    },
    "postage": {"service": "uk_second_class", "ideal_envelope": None, "mail_date": None},
    "background": {"first_page": None, "other_pages": None},
    "nudge": {"x": None, "y": None},
}
_PLAIN: dict[str, Any] = {
    "testmode": False,
    "reference": None,
    "metadata": None,
    "confidential": False,
    "confirmation_email": False,
    "address_window": "left",
}


def load(sandbox: Sandbox, job_id: str) -> Job:
    """Return a job that is there.

    :raises ServiceError: 404 for an unknown, deleted or expired one.
    """
    return _there(sandbox, sandbox.store.get(KIND, job_id), job_id)


def look(sandbox: Sandbox, job_id: str) -> Job:
    """Return a job that is there, to one who only looks: it is shared and must never be changed.

    :raises ServiceError: 404 for an unknown, deleted or expired one.
    """
    return _there(sandbox, sandbox.store.peek(KIND, job_id), job_id)


def _there(sandbox: Sandbox, job: Job | None, job_id: str) -> Job:
    if job is None:
        raise no_such("print", job_id)
    if lifecycle.is_gone(job, sandbox.clock.now(), sandbox.world):
        forget(sandbox, job)
        raise no_such("print", job_id)
    return job


def draft(sandbox: Sandbox, params: dict[str, Any], account: str = ACCOUNT) -> Job:
    """Make an unconfirmed job of an account from checked parameters; it is not kept yet.

    :raises ServiceError: when parameters are missing, contradict each other or do not fit the file.
    """
    given = [name for name in ("file", "content", "template") if params.get(name) not in (None, "")]
    if not given:
        raise missing("file", "One of file, content and template is needed")
    if len(given) > 1:
        raise invalid(given[1], "Only one of file, content and template can be sent")
    if given == ["template"]:
        params = {**params, "content": templates.content_of(sandbox, params["template"], account)}
    kind = params.get("type") or "letter"
    now = sandbox.clock.now()
    resolution = sandbox.world.created_resolution_s
    job: Job = {
        "id": sandbox.ids.text("print_", 21),
        "account": account,
        "type": kind,
        "confirmed": False,
        "confirmed_at": None,
        "confirmed_exact": None,
        "confirmed_real": None,
        "first_status": None,
        "printing_from": None,
        "created": int(now // resolution * resolution),
        "created_exact": now,
        "created_real": sandbox.clock.real(),
        "template": params.get("template") or None,
        "mailing_list": params.get("mailing_list"),
        "recipients": _recipients(sandbox, params, account),
        "extra_documents": [],
        "add_address_sheet": False,
        "tax_percent": pricing.TAX_PERCENT if sandbox.world.uk_account else 0,
        **_PLAIN,
        **{name: dict(values) for name, values in _DEFAULTS.items()},
    }
    _set(sandbox, job, params)
    _read_content(sandbox, job, params)
    letters.check(sandbox, job)
    _lay_out(sandbox, job)
    return job


def check_parts(sandbox: Sandbox, job: Job) -> None:
    """Refuse a new job whose background or mailing list was deleted while it was made (in a transaction).

    :raises ServiceError: naming the parameter.
    """
    letters.check_backgrounds(sandbox, job)
    if job["mailing_list"] is not None:
        _check_mailing_list(sandbox, job["mailing_list"], job["account"])


def change(sandbox: Sandbox, job: Job, params: dict[str, Any]) -> None:
    """Apply an update to an unconfirmed job; its letters are made anew where that is needed."""
    _set(sandbox, job, params)
    if params.get("content") is not None:
        _read_content(sandbox, job, params)
    letters.check(sandbox, job)
    if (letters.SHAPING | {"content"}) & params.keys():
        _lay_out(sandbox, job)


def save(sandbox: Sandbox, job: Job) -> None:
    """Keep a job, and where each of its letters is found."""
    with sandbox.store.transaction():
        before = sandbox.store.get(KIND, job["id"])
        _unlink(sandbox, before, keep={letter["id"] for letter in job["letters"]})
        known = {letter["id"] for letter in before["letters"]} if before else set()
        sandbox.store.put(KIND, job["id"], job)
        for index, letter in enumerate(job["letters"]):
            if letter["id"] not in known:
                sandbox.store.put("letter", letter["id"], {"print": job["id"], "index": index})
        for name in {job["background"]["first_page"], job["background"]["other_pages"]} - {None}:
            background = sandbox.store.get("background", name)
            if background is not None:
                sandbox.store.put("background", name, {**background, "last_used": sandbox.clock.now()})
        sandbox.when_print_written(job["id"])


def forget(sandbox: Sandbox, job: Job) -> None:
    """Delete a job and the way to its letters."""
    with sandbox.store.transaction():
        _unlink(sandbox, job, keep=set())
        sandbox.store.delete(KIND, job["id"])
        sandbox.when_print_written(job["id"])


def confirm(sandbox: Sandbox, job: Job) -> None:
    """Submit a job for printing, and charge for it when it is live; to be called in a transaction.

    :raises ServiceError: when a letter has no address, or the account cannot pay.
    """
    if lifecycle.is_expired(job, sandbox.clock.now()):
        raise invalid("confirmed", "The print job is older than 30 days and cannot be confirmed any more")
    if not letters.all_addressed(job["letters"]):
        # Assumed: a letter that cannot be delivered is not taken for posting.
        raise invalid("recipients", "Not every letter has a readable address, so the job cannot be confirmed")
    if not job["testmode"] and not ledger.can_pay(sandbox, ledger.job_cost(job)):
        raise payment()
    now = sandbox.clock.now()
    job |= {
        "confirmed": True,
        "confirmed_at": int(now),
        "confirmed_exact": now,
        "confirmed_real": sandbox.clock.real(),
        "first_status": sandbox.world.first_status,
        "printing_from": lifecycle.printing_from(now, job["postage"]["mail_date"], sandbox.world),
    }
    save(sandbox, job)
    if not job["testmode"]:
        ledger.charge(sandbox, job)


def cancel(sandbox: Sandbox, job: Job) -> bool:
    """Cancel and refund the letters that still wait; False when there are none (in a transaction)."""
    now = sandbox.clock.now()
    waiting = [
        letter
        for index, letter in enumerate(job["letters"])
        if lifecycle.position(job, index, now, sandbox.world).status == "waiting_to_print"
    ]
    for letter in waiting:
        # What the tester has planned for later does not happen any more: cancelled is for good.
        happened = [event for event in letter["events"] if event["at"] <= now]
        letter["events"] = [*happened, {"at": now, "status": "cancelled", "reason": None}]
    if waiting:
        save(sandbox, job)
        if not job["testmode"]:
            ledger.refund(sandbox, job, waiting)
    return bool(waiting)


def _set(sandbox: Sandbox, job: Job, params: dict[str, Any]) -> None:
    for name, default in _PLAIN.items():
        if name in params:
            job[name] = default if params[name] is None else params[name]
    for name, defaults in _DEFAULTS.items():
        for field, value in params.get(name, {}).items():
            job[name][field] = defaults[field] if value is None else value
    used = {"split_on_phrase": "phrase", "split_on_pages": "pages"}.get(job["splitting"]["method"])
    job["splitting"] |= dict.fromkeys({"phrase", "pages"} - {used})  # observed by others: null where unused
    job["remove_letters"]["series"] = _series(sandbox, job["remove_letters"]["series"])
    if not splitting.fold(job["remove_letters"]["with_phrase"] or ""):
        job["remove_letters"]["with_phrase"] = None  # assumed: a blank phrase is none
    postage = job["postage"]
    if postage["ideal_envelope"] is None:
        postage["ideal_envelope"] = "postcard_a6" if job["type"] == "postcard" else "c5"
    if postage["mail_date"] is not None:
        postage["mail_date"] = workdays.day_of(postage["mail_date"])  # documented: adjusted to the day
    if "extra_documents" in params:
        job["extra_documents"] = [
            _extra(sandbox, extra, number) for number, extra in enumerate(params["extra_documents"])
        ]


def _series(sandbox: Sandbox, given: list[Any]) -> list[int]:
    """Return numbers of letters; assumed: the old parameter has no effect, and is not shown."""
    if not sandbox.world.remove_series:
        return []
    base = sandbox.world.series_base
    try:
        numbers = sorted({int(number) for number in given if not isinstance(number, bool | float)})
    except (TypeError, ValueError):
        raise invalid("remove_letters.series", "remove_letters.series must hold whole numbers") from None
    if len(numbers) < len(given) or (numbers and numbers[0] < base):
        raise invalid("remove_letters.series", f"remove_letters.series takes numbers from {base}, each once")
    return numbers


def _extra(sandbox: Sandbox, extra: dict[str, Any], number: int) -> dict[str, Any]:
    param = f"extra_documents[{number}].document"
    upload = files.receive(sandbox, extra["document"], param, pictures=False, urls=False)
    return {
        "id": sandbox.ids.text("exd_", 21),
        "name": upload.name,
        "pages": upload.pages,
        "apply_background": bool(extra.get("apply_background")),
        "order": "last",
        "ordering_number": number,
        "sha": sandbox.store.put_blob(upload.data),
    }


def _read_content(sandbox: Sandbox, job: Job, params: dict[str, Any]) -> None:
    """Turn file or content into pages, for every recipient their own where variables are filled in."""
    html = False
    if params.get("file") is not None:
        upload = files.receive(sandbox, params["file"], "file")
        job["file"] = {"name": upload.name, "size": upload.size, "pages": upload.pages}
        data, pages = upload.data, upload.pages
    else:
        job["file"] = None
        html = markup.is_html(params["content"])
        data, pages = _typeset(params["content"], html=html)
        _fill(sandbox, job, params["content"], html=html)
    job["source"] = {"sha": sandbox.store.put_blob(data), "pages": pages, "html": html}


def _fill(sandbox: Sandbox, job: Job, content: str, *, html: bool) -> None:
    """Set the content anew for each recipient whose variables change it."""
    made: dict[str, dict[str, Any]] = {}
    for recipient in job["recipients"] or []:
        recipient.pop("source", None)
        text = markup.fill(content, recipient["variables"], sandbox.world.placeholders)
        if text == content:
            continue
        if text not in made:
            data, pages = _typeset(text, html=html)
            made[text] = {"sha": sandbox.store.put_blob(data), "pages": pages}
        recipient["source"] = made[text]


def _typeset(text: str, *, html: bool) -> tuple[bytes, int]:
    try:
        data = pdf.typeset_html(text) if html else pdf.typeset_text(text)
        return data, pdf.inspect(data).pages
    except pdf.UnreadableFile as error:
        raise invalid("content", f"The content cannot be set as pages ({error.reason})") from None


def _recipients(sandbox: Sandbox, params: dict[str, Any], account: str) -> list[dict[str, Any]] | None:
    inline, list_id = params.get("recipients"), params.get("mailing_list")
    if list_id is None:
        return [_recipient(recipient) for recipient in inline] if inline else None
    if inline:
        raise invalid("recipients", "Send either recipients or mailing_list, not both")
    _check_mailing_list(sandbox, list_id, account)
    found = sandbox.store.find("recipient", mailing_list=list_id)
    if not found:
        raise invalid("mailing_list", "The mailing list has no recipients")
    return [_recipient(recipient) for recipient in found]


def _check_mailing_list(sandbox: Sandbox, list_id: str, account: str) -> None:
    doc = sandbox.store.get("mailing_list", list_id)
    if doc is None or doc["account"] != account:
        raise invalid("mailing_list", f"There is no mailing list {list_id[:64]}")


def _recipient(recipient: dict[str, Any]) -> dict[str, Any]:
    blank = {"name": None, "line": None, "postcode": None, "country": "GB"}
    return {"address": {**blank, **recipient["address"]}, "variables": recipient.get("variables", {})}


def _lay_out(sandbox: Sandbox, job: Job) -> None:
    try:
        letters.lay_out(sandbox, job)
    except pdf.UnreadableFile as error:
        raise invalid("file", f"The file cannot be used ({error.reason}): {error}") from None


def _unlink(sandbox: Sandbox, job: Job | None, *, keep: set[str]) -> None:
    for letter in job["letters"] if job else ():
        if letter["id"] not in keep:
            sandbox.store.delete("letter", letter["id"])
