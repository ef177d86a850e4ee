"""A letter held between its quote and its decision.

Of a bulk, all quotes are summed up before the first of them is paid. The paid step is a generator of calls,
so it need not be cut in two for that, or gone twice: it is carried out up to the call that would begin to
decide, and later from that call on.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from airflow_provider_print.core.errors import PrintError
from airflow_provider_print.intelliprint.calls import Confirm, Decide, Settle, Told
from airflow_provider_print.intelliprint.result import PrintJobResult

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from airflow_provider_print.core.identity import LetterKey
    from airflow_provider_print.intelliprint.calls import Call, Outcome
    from airflow_provider_print.intelliprint.driver import Driver
    from airflow_provider_print.intelliprint.models import PrintJob
    from airflow_provider_print.intelliprint.submission import Steps, Submission


#: How long a letter that is held may wait for its payment before others take its draft for a leftover, where
#: no register tells. Many quotes are asked for meanwhile; of 100 a minute, these are 1,000.
HELD_SECONDS = 600.0


class Held:
    """A letter that waits between its quote and the decision, so that the quotes of many can be summed.

    It waits *before* the draft settles, so the look behind that, which decides where there is no register,
    is as fresh as ever. A letter that an earlier attempt has posted waits for nothing.

    :param driver: carries the calls out.
    :param steps: the paid step, not begun.
    :param key: which letter.
    """

    def __init__(self, driver: Driver, steps: Steps, key: LetterKey) -> None:
        self._driver = driver
        self._steps = steps
        self._key = key
        self._done: Submission | None = None
        self._next: Call | None = None
        self._quote: PrintJob | None = None
        self._quoted: PrintJob | None = None
        driver.drive(self._to_the_quote())

    @property
    def job(self) -> PrintJob:
        """The job: as it was quoted, and once it is paid, as it was paid."""
        job = self._done.job if self._done else self._quote
        assert job is not None, "the paid step decides for a job that it was told of"
        return job

    @property
    def is_posted(self) -> bool:
        """Whether the letter is paid, by this attempt or an earlier one."""
        return self._done is not None

    def finish(self) -> PrintJobResult:
        """Decide and pay; once.

        :raises PrintError: see `send`.
        """
        if self._done is None:
            with naming(self._key):
                self._done = self._driver.drive(self._from_the_quote())
        return result_of(self._done)

    def _to_the_quote(self) -> Generator[Call, Outcome, None]:
        advance: Callable[[], Call] = partial(next, self._steps)
        while True:
            try:
                call = advance()
            except StopIteration as end:
                self._done = end.value
                return
            posted = self._quote is not None and self._quote.confirmed
            if isinstance(call, Settle | Decide | Confirm) and not posted:
                self._next, self._quoted = call, self._quote
                return
            advance = yield from self._carried_out(call)

    def _from_the_quote(self) -> Generator[Call, Outcome, Submission]:
        assert self._next is not None, "a letter is paid once"
        call, self._next = self._next, None
        while True:
            advance = yield from self._carried_out(call)
            try:
                call = advance()
                if isinstance(call, Decide | Confirm):
                    self._refuse_if_dearer(call.job_id)
            except StopIteration as end:
                done: Submission = end.value
                return done

    def _refuse_if_dearer(self, job_id: str) -> None:
        """Stop where another draft than the quoted one is to be paid, and costs more than was summed up.

        :param job_id: what is to be paid.
        :raises PrintError: naming it; the next attempt sums up what it costs.
        """
        quoted, now = self._quoted, self._quote
        if quoted is None or now is None or quoted.cost is None or job_id == quoted.id:
            return
        if now.confirmed or now.id != job_id:
            return
        if now.cost is None or now.cost.after_tax > quoted.cost.after_tax:
            raise PrintError(
                f"Print job {now.id} would be paid for this letter, but it costs more than {quoted.id}, "
                "which was quoted. This attempt has not paid for it.",
                letter_key=self._key.key,
                param="max_cost_after_tax",
                advice="Run the task again: it sums up what is to be paid now.",
            )

    def _carried_out(self, call: Call) -> Generator[Call, Outcome, Callable[[], Call]]:
        """Have one call carried out; return what tells the paid step of it and asks for the next."""
        try:
            outcome = yield call
        except PrintError as error:
            return partial(self._steps.throw, error)
        if isinstance(outcome, Told):
            self._quote = outcome.job
        return partial(self._steps.send, outcome)


@contextmanager
def naming(key: LetterKey) -> Iterator[None]:
    """Let errors name the letter, so that whatever may exist can be looked for."""
    try:
        yield
    except PrintError as error:
        error.letter_key = error.letter_key or key.key
        raise


def result_of(done: Submission) -> PrintJobResult:
    """Return what became of a letter, in numbers."""
    return PrintJobResult.from_job(
        done.job, already_posted=done.already_posted, resumed_draft=done.resumed_draft
    )
