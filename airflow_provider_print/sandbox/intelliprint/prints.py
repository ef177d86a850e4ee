"""The endpoints of print jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_print.sandbox.core import Answer, Sandbox, SandboxRequest
from airflow_provider_print.sandbox.intelliprint import fields, jobs, letters, lifecycle, listing
from airflow_provider_print.sandbox.intelliprint.errors import ServiceError, invalid, no_such
from airflow_provider_print.sandbox.intelliprint.views import MAKERS, JobView

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.sandbox.intelliprint.letters import Job


def create(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    """Make a job; everything is split, counted and priced when this answers (documented)."""
    params = listing.read_body(sandbox, request, fields.CREATE)
    if isinstance(request.json_or_form().get("file"), str) and not sandbox.world.bare_file_url:
        raise invalid("file", "file must be a file: a form part, or content in base64 with a name, or a url")
    job = jobs.draft(sandbox, params, request.account)
    unpaid: ServiceError | None = None
    with sandbox.store.transaction():
        jobs.check_parts(sandbox, job)
        try:
            _keep(sandbox, job, params)
        except ServiceError as error:
            if error.code != "payment_error" or not sandbox.world.keep_unpaid_draft:
                raise
            jobs.save(sandbox, job)
            unpaid = error
    if unpaid is not None:
        raise unpaid
    return _show(sandbox, request, job)


def retrieve(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    """Show a job."""
    known = fields.RETRIEVE if sandbox.world.retrieve_fields else fields.NOTHING
    params = listing.read_query(sandbox, request, known)
    job = _load(sandbox, request, jobs.look)
    return _show(sandbox, request, job, listing.wanted(sandbox, params, list(MAKERS)))


def update(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    """Change an unconfirmed job, or confirm it (documented: afterwards it cannot be updated)."""
    known = fields.UPDATE_WITH_CONTENT if sandbox.world.update_content else fields.UPDATE
    params = listing.read_body(sandbox, request, known)
    while True:
        base, job = _load(sandbox, request, jobs.look), _load(sandbox, request)
        if not job["confirmed"]:
            jobs.change(sandbox, job, params)  # outside the transaction: reading pages takes its time
        with sandbox.store.transaction():
            current = _load(sandbox, request, jobs.look)
            if current["confirmed"]:
                return _confirmed_already(sandbox, request, current, params)
            if current != base:
                continue  # another request changed it meanwhile: once more on what it is now
            letters.check_backgrounds(sandbox, job)
            _keep(sandbox, job, params)
        return _show(sandbox, request, job)


def remove(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    """Delete a draft (202), or cancel the waiting letters of a job (200), else 400 (observed by others)."""
    listing.read_body(sandbox, request, fields.NOTHING)
    with sandbox.store.transaction():
        job = _load(sandbox, request)
        if not job["confirmed"]:
            jobs.forget(sandbox, job)
            return listing.deleted("print", job["id"], status=202)
        if not jobs.cancel(sandbox, job):
            raise ServiceError(
                400, "parameter_invalid", "No letter of this print job can be cancelled any more"
            )
    answer = _show(sandbox, request, job)
    if sandbox.world.cancel_says_deleted and isinstance(answer.body, dict):
        answer.body["deleted"] = True
    return answer


def index(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    """List jobs; test jobs only when asked for (documented)."""
    params = listing.read_query(sandbox, request, fields.PRINT_LIST)
    tree = listing.wanted(sandbox, params, list(MAKERS))
    statuses = frozenset(params.get("letters.status", ()))
    now = sandbox.clock.now()

    def view(job: Job) -> JobView:
        return JobView(sandbox, job, origin=request.origin, now=now)

    found = _candidates(sandbox, params, request.account, now)
    acknowledged = params.get("letters.returned.acknowledged")
    if statuses or acknowledged is not None:
        found = [job for job in found if _matches(view(job), statuses, acknowledged)]
    sort = SORTS[params.get("sort_field", "created")]
    return listing.page(
        found,
        params,
        # A view is made when it is needed and let go of: of ten thousand, the collector would look at each.
        sort=lambda job: sort(view(job)),
        show=lambda job: view(job).show(tree),
    )


def _load(sandbox: Sandbox, request: SandboxRequest, load: Callable[[Sandbox, str], Job] = jobs.load) -> Job:
    job = load(sandbox, request.path_params["id"])
    if job["account"] != request.account:
        raise no_such("print", job["id"])
    return job


def _keep(sandbox: Sandbox, job: Job, params: dict[str, Any]) -> None:
    if params.get("confirmed"):
        jobs.confirm(sandbox, job)
    else:
        jobs.save(sandbox, job)


def _candidates(sandbox: Sandbox, params: dict[str, Any], account: str, now: float) -> list[Job]:
    equal: dict[str, Any] = {"account": account, "testmode": params.get("testmode", False)}
    equal |= {name: params[name] for name in ("reference", "type") if name in params}
    found = [
        job
        for job in sandbox.store.peek_all(jobs.KIND, **equal)
        if not lifecycle.is_gone(job, now, sandbox.world)
    ]
    if sandbox.world.list_lag_s:
        seen_until = sandbox.clock.real() - sandbox.world.list_lag_s
        found = [_as_seen(job, seen_until) for job in found if job["created_real"] <= seen_until]
    if "confirmed" in params:
        found = [job for job in found if job["confirmed"] == params["confirmed"]]
    return found


def _as_seen(job: Job, seen_until: float) -> Job:
    """Return a job as a list shows it that lags behind."""
    if not job["confirmed"] or job["confirmed_real"] <= seen_until:
        return job
    return {**job, "confirmed": False, "confirmed_at": None}


def _matches(view: JobView, statuses: frozenset[str], acknowledged: bool | None) -> bool:
    if statuses and not any(position.status in statuses for position in view.positions):
        return False
    if acknowledged is None:
        return True
    return any(
        position.returned is not None and position.returned["acknowledged"] == acknowledged
        for position in view.positions
    )


def _returned_date(view: JobView) -> int | None:
    return max((p.returned["date"] for p in view.positions if p.returned is not None), default=None)


SORTS: dict[str, Callable[[JobView], Any]] = {
    "created": lambda view: view.job["created"],
    "mail_date": lambda view: view.job["postage"]["mail_date"],
    "cost.amount": lambda view: view.cost()["amount"],
    "cost.after_tax": lambda view: view.cost()["after_tax"],
    "letters.returned.date": _returned_date,
    "pages": lambda view: view.job["pages"],
    "sheets": lambda view: view.job["sheets"],
    "letters": lambda view: len(view.job["letters"]),
    "reference": lambda view: view.job["reference"],
    "type": lambda view: view.job["type"],
    "confirmed_at": lambda view: view.job["confirmed_at"],
}


def _confirmed_already(sandbox: Sandbox, request: SandboxRequest, job: Job, params: dict[str, Any]) -> Answer:
    """Refuse to change a confirmed job (documented; for a bare repeat of confirming a rule, assumed)."""
    if sandbox.world.reconfirm == 200 and params == {"confirmed": True}:
        return _show(sandbox, request, job)
    param = next(iter(params), "confirmed")
    raise invalid(param, "The print job has been confirmed and cannot be updated any more")


def _show(sandbox: Sandbox, request: SandboxRequest, job: Job, tree: listing.Fields | None = None) -> Answer:
    view = JobView(sandbox, job, origin=request.origin, now=sandbox.clock.now())
    return Answer(body=view.show(tree))
