"""What the paid step knows of a letter, of the attempt to post it, and of what its owner wants in doubt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from airflow_provider_print.core.errors import InputError

if TYPE_CHECKING:
    from airflow_provider_print.core.identity import LetterKey
    from airflow_provider_print.intelliprint.models import PrintJob

# Longer than a list lags (the probe measures it) plus one second, the resolution of `created` (observed).
SETTLE_SECONDS = 3.0
# A draft of other content that is older than this when ours is made is a leftover, not a rival on its way.
RIVAL_SECONDS = 60.0
GENERATIONS = 2

OnMismatch = Literal["fail", "adopt"]
OnMissing = Literal["fail", "recreate"]
OnAmbiguous = Literal["oldest", "fail"]
_CHOICES = {
    "on_mismatch": ("fail", "adopt"),
    "on_missing": ("fail", "recreate"),
    "on_ambiguous": ("oldest", "fail"),
}


@dataclass(frozen=True)
class Letter:
    """What is to be posted, as far as deciding needs to know.

    :param key: which letter this is.
    :param fingerprint: digest of what makes it this letter: recipients and options, defaults left out. A
        decided or paid job with the same letter key and another fingerprint is another letter.
    :param request_digest: digest of everything that is asked for, bytes included. A draft is free, so one
        that differs in anything is left alone and a new one is made.
    :param content_digest: digest of the bytes or the text; None where they are not known here.
    :param file_bytes: size of the file; None where there is none, or it is not known here.
    """

    key: LetterKey
    fingerprint: str
    request_digest: str
    content_digest: str | None = None
    file_bytes: int | None = None

    def metadata(self, made_in: str | None = None) -> dict[str, str]:
        """Return what is stored beside the job, to recognise it by."""
        own = {
            **self.key.metadata(),
            "fingerprint": self.fingerprint,
            "request_digest": self.request_digest,
        }
        size = None if self.file_bytes is None else str(self.file_bytes)
        more = {"content_digest": self.content_digest, "file_bytes": size, "made_in": made_in}
        return {**own, **{name: value for name, value in more.items() if value}}


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """Which attempt this is.

    :param number: the try number of the task.
    :param registered: whether there is a register: the task state store of Airflow 3.3, which refuses the
        writes of an attempt that has been given up.
    :param settle: seconds between a draft and the decision for it; 0 where one register covers the letter
        key, because then nobody else can decide.
    :param rival: seconds that an attempt takes from its draft to the payment, at most. So long, a draft of
        other content counts as one that somebody else may be about to pay for.
    :param look_up: ask for the reference before the first draft is made.
    :param made_in: names the task instance, its run, how often that was cleared, and the try. None outside
        Airflow.
    :param known: what this very try has decided already, when the letter is sent twice in one try.
    """

    number: int = 1
    registered: bool = False
    settle: float = SETTLE_SECONDS
    rival: float = RIVAL_SECONDS
    look_up: bool = True
    made_in: str | None = None
    known: str | None = None

    def made(self, job: PrintJob) -> bool:
        """Tell whether it was this very try that made a job."""
        return self.made_in is not None and (job.metadata or {}).get("made_in") == self.made_in

    def wait_for_rivals(self, spent: float, *, found: bool) -> tuple[bool, float]:
        """Tell whether younger drafts of other content are waited for, too, and how long.

        A draft of ours that others may take for a leftover by now waits for the younger ones, as a found
        one does. One that is younger than that waits for older ones until nobody pays for them any more.

        :param spent: seconds since our draft was made.
        :param found: it was made by somebody else.
        :return: whether it is old, and the seconds since our draft (or from now, without one) to wait until.
        """
        old = found or spent > self.rival
        return old, spent + RIVAL_SECONDS if old else self.rival

    def slot(self, letter_key: str, number: int, generation: int) -> str:
        """Return the register's key of one try and generation.

        No slot may ever carry two values: a late copy of the first write could bring the older back. The
        letter key is part of it because `resend` and `idempotency_key` change the letter of a task.
        """
        return f"{letter_key}.{number}.{generation}"

    def slots_read(self, letter_key: str) -> list[str]:
        """Return the slots of all earlier tries, the one that counts most first."""
        if not self.registered:
            return []
        earlier = range(self.number - 1, 0, -1)
        return [slot for number in earlier for slot in self.slots_of(letter_key, number)]

    def slots_of(self, letter_key: str, number: int) -> list[str]:
        """Return the slots of one try, the last word first."""
        return [self.slot(letter_key, number, generation) for generation in reversed(range(GENERATIONS))]


def same_tries(one: str | None, other: str | None) -> bool:
    """Tell whether two `made_in` name two tries between which nothing was cleared."""
    return bool(one and other) and one != other and _before(str(one), " try ") == _before(str(other), " try ")


def same_task(one: str | None, other: str | None) -> bool:
    """Tell whether two `made_in` name one task instance of one run, however often it was cleared."""
    return bool(one and other) and _before(str(one), " clear ") == _before(str(other), " clear ")


def _before(made_in: str, mark: str) -> str:
    return made_in.rpartition(mark)[0]


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What to do where a human may know better. The defaults need nobody.

    :param on_mismatch: the letter was decided or posted with other recipients or options, or posted with
        other bytes in another run: `fail`, or `adopt` the job as it is.
    :param on_missing: the draft that was decided for is gone: `fail`, because somebody may have deleted it on
        purpose, or `recreate` it.
    :param on_ambiguous: several jobs carry the letter key and the register names none: take the `oldest`, or
        `fail` and name them.
    """

    on_mismatch: OnMismatch = "fail"
    on_missing: OnMissing = "fail"
    on_ambiguous: OnAmbiguous = "oldest"

    def __post_init__(self) -> None:
        """Refuse words that mean nothing.

        :raises InputError: naming the parameter.
        """
        for name, choices in _CHOICES.items():
            value = getattr(self, name)
            if value not in choices:
                raise InputError(f"{name} is {' or '.join(choices)}, not {value!r}.", param=name)


class Notice(StrEnum):
    """What is worth counting about the way of a letter. The values are names of metrics."""

    LOOKED_UP = "looked_up"
    ADOPTED = "adopted"
    RESUMED = "resumed"
    PASSED_OVER = "passed_over"
    FENCED = "fenced"
    VANISHED = "vanished"
