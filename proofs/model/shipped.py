"""The paid step as it is shipped, put between the explorer's calls and answers.

Nothing of it is typed again here: the generator is `intelliprint.submission.submit`. This module only plays
its driver.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from airflow_provider_print.core.errors import (
    BadRequestError,
    NoAnswerError,
    NotFoundError,
    PrintError,
    RegisterError,
    SupersededError,
    UnknownOutcomeError,
)
from airflow_provider_print.core.identity import LetterKey
from airflow_provider_print.intelliprint import calls as product
from airflow_provider_print.intelliprint import submission
from airflow_provider_print.intelliprint.letter import SETTLE_SECONDS, Letter, Policy
from airflow_provider_print.intelliprint.letter import Attempt as ShippedAttempt
from airflow_provider_print.intelliprint.models import PrintJob
from proofs.model import calls
from proofs.model.calls import Answer, Attempt, Call, Play, Protocol, Seen

_KEY = LetterKey.for_user(
    base_url="https://api.example/v1", testmode=True, environment="", idempotency_key="invoice-7"
)
#: The file that a try finds when it runs again is another one, too, in worlds of many files.
_PUT_OFF = 10
Submit = Callable[..., Any]


def with_register(
    *, name: str = "R6", submit: Submit = submission.submit, policy: Policy | None = None
) -> Protocol:
    """Return R6: one register covers the letter key."""

    def attempt(who: Attempt) -> ShippedAttempt:
        return ShippedAttempt(
            number=who.number,
            registered=True,
            settle=0,
            look_up=who.number > 1,
            made_in=_made_in(who.run, who.content),
        )

    play = _play(attempt, submit, policy or Policy())
    return Protocol(name, "as shipped, one register covers the letter key", play, fenced=True)


def with_register_put_off(
    *, name: str = "R6+", submit: Submit = submission.submit, heedless: bool = False
) -> Protocol:
    """Return R6 where a try that could not ask the service runs again under its own number.

    So does a task that is put off by a rate limit. The two runs of a try never overlap, so here they are one
    attempt, which begins anew: what it knows is gone, and what it has sent may still be on its way.

    :param heedless: do so after a write to the register that was not answered, too. That falls.
    """
    play = _again(submit, settle=0, registered=True, heedless=heedless)
    return Protocol(name, "as shipped, a register, and each try may be put off once", play, fenced=True)


def without_register_put_off(
    *, name: str = "V4g+", submit: Submit = submission.submit, settle: float = SETTLE_SECONDS
) -> Protocol:
    """Return V4g where a try that could not ask the service runs again, maybe with another file."""
    play = _again(submit, settle=settle, registered=False)
    return Protocol(name, "as shipped, without a register, and each try may be put off once", play)


def without_register(*, submit: Submit = submission.submit, settle: float = SETTLE_SECONDS) -> Protocol:
    """Return V4g: no register, so settle and look again."""

    def attempt(who: Attempt) -> ShippedAttempt:
        return ShippedAttempt(
            number=who.number, settle=settle, look_up=who.number > 1, made_in=_made_in(who.run, who.content)
        )

    play = _play(attempt, submit, Policy())
    return Protocol("V4g", "as shipped, without a register: settle and look again", play)


def own_key(*, submit: Submit = submission.submit, settle: float = SETTLE_SECONDS) -> Protocol:
    """Return what a user's own letter key gets: a register for each run, a settle between the runs."""

    def attempt(who: Attempt) -> ShippedAttempt:
        return ShippedAttempt(
            number=who.number,
            registered=True,
            settle=settle,
            look_up=True,
            made_in=_made_in(who.run, who.content),
        )

    play = _play(attempt, submit, Policy())
    return Protocol(
        "OWN", "as shipped, a key of the user's own: a register for each run, and settle", play, fenced=True
    )


def _play(
    attempt: Callable[[Attempt], ShippedAttempt], submit: Submit, policy: Policy
) -> Callable[[Attempt], Play]:
    def play(who: Attempt) -> Play:
        steps = submit(_letter(who.content), attempt=attempt(who), policy=policy, verify=lambda _: None)
        try:
            wanted = next(steps)
            while True:
                wanted = _tell(steps, _outcome(wanted, (yield _call(wanted, who))))
        except StopIteration as end:
            return str(end.value.job.id)

    return play


def _again(
    submit: Submit, *, settle: float, registered: bool, heedless: bool = False
) -> Callable[[Attempt], Play]:
    def attempt(who: Attempt, known: str | None = None, *, look_up: bool) -> ShippedAttempt:
        return ShippedAttempt(
            number=who.number,
            registered=registered,
            settle=settle,
            look_up=look_up,
            made_in=_made_in(who.run, who.content),
            known=known,
        )

    def play(who: Attempt) -> Play:
        try:
            first = _play(lambda who: attempt(who, look_up=who.number > 1), submit, Policy())
            return (yield from first(who))
        except PrintError as error:
            # A write that was not answered may still land: what runs behind it is another try.
            if isinstance(error, SupersededError) or (isinstance(error, RegisterError) and not heedless):
                raise
        who = who._replace(content=_PUT_OFF + who.content) if who.content else who
        known = None
        for slot in attempt(who, look_up=True).slots_of(_KEY.key, who.number) if registered else []:
            told = _of_register(product.Recall(slot), (yield calls.Recall(slot)))
            if isinstance(told, PrintError):
                raise told
            assert isinstance(told, product.Remembered), told
            known = known or told.job_id
        second = _play(lambda who: attempt(who, known, look_up=True), submit, Policy())
        return (yield from second(who))

    return play


def _tell(steps: Any, outcome: product.Outcome | PrintError) -> product.Call:
    call: product.Call = steps.throw(outcome) if isinstance(outcome, PrintError) else steps.send(outcome)
    return call


def _made_in(run: int, content: int) -> str:
    """Return what the hook writes down; tries that have the same file need not be told apart."""
    return f"letters send run-{run} clear 0 try {content}"


@cache
def _letter(content: int) -> Letter:
    return Letter(
        key=_KEY,
        fingerprint="recipients",
        request_digest=f"request-{content}",
        content_digest=f"bytes-{content}",
    )


def _call(wanted: product.Call, who: Attempt) -> Call:
    match wanted:
        case product.Find(reference):
            assert reference == _KEY.reference
            return calls.Find()
        case product.Create():
            return calls.Create(who.content, who.run)
        case product.Read(job_id):
            return calls.Read(job_id)
        case product.Confirm(job_id):
            return calls.Confirm(job_id)
        case product.Recall(slot):
            return calls.Recall(slot)
        case product.Decide(slot, job_id):
            return calls.Decide(slot, job_id)
        case product.Settle():
            return calls.Settle()
    raise AssertionError(wanted)


def _outcome(wanted: product.Call, answer: Answer) -> product.Outcome | PrintError:
    """Return what the product's driver would make of an answer; an error where it would raise one."""
    match wanted:
        case product.Find():
            return NoAnswerError("no answer") if answer is calls.LOST else product.Found(_rows(answer))
        case product.Recall() | product.Decide():
            return _of_register(wanted, answer)
        case product.Settle():
            return product.Settled()
    if isinstance(answer, Seen):
        return product.Told(_job(answer))
    if isinstance(wanted, product.Read):
        return NoAnswerError("no answer") if answer is calls.LOST else product.Gone()
    return _of_write(answer)


def _of_write(answer: Answer) -> product.Outcome:
    if answer is calls.LOST:
        return product.Unanswered(UnknownOutcomeError("no answer"))
    if answer is calls.GONE:
        return product.Refused(NotFoundError("no such print job", status=404))
    assert answer is calls.REFUSED, answer
    return product.Refused(BadRequestError("cannot be updated anymore", status=400))


def _of_register(wanted: product.Call, answer: Answer) -> product.Outcome | PrintError:
    if answer is calls.LOST:
        return RegisterError("no answer")
    if isinstance(wanted, product.Decide):
        return SupersededError("refused") if answer is calls.SUPERSEDED else product.Decided()
    assert answer is None or isinstance(answer, str)
    return product.Remembered(answer)


def _rows(answer: Answer) -> list[PrintJob]:
    assert isinstance(answer, tuple)
    return [_job(row) for row in answer]


@cache
def _job(seen: Seen) -> PrintJob:
    paid = seen.status in "ck"
    letters = [{"id": "letter", "status": "waiting_to_print" if seen.status == "c" else "cancelled"}]
    return PrintJob.model_validate(
        {
            "id": seen.job.name,
            "created": seen.job.created,
            "confirmed": paid,
            "reference": _KEY.reference,
            "metadata": _letter(seen.job.content).metadata(_made_in(seen.job.run, seen.job.content)),
            "letters": letters if paid else [],
        }
    )
