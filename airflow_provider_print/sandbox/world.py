"""Rules of the sandbox's world: where a service is unknown or varies, the tester says how it is today."""

from __future__ import annotations

import random
import string
import threading
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from airflow_provider_print.sandbox.world_printful import CHOICES as PRINTFUL_CHOICES
from airflow_provider_print.sandbox.world_printful import PrintfulRules

if TYPE_CHECKING:
    from airflow_provider_print.sandbox.store import Store

CHOICES: dict[str, tuple[Any, ...]] = PRINTFUL_CHOICES | {
    "id_order": ("random", "ascending", "descending"),
    "reconfirm": (400, 200),
    "first_status": ("waiting_to_print", "printing"),
    "address_sheet": ("never", "file", "html", "always"),
    "unaddressed": ("draft", "refused"),
    "placeholders": ("none", "double_braces", "braces", "double_brackets", "percent"),
    "nudge_pages": ("all", "first"),
    "file_pages": ("uploaded", "kept"),
    "split_front": ("letter", "dropped"),
    "split_unfound": ("letter", "refused"),
    "series_base": (0, 1),
    "cancelled_cost": ("left_out", "kept"),
    "background_shape": ("new", "old"),
    "merge_link": ("download_link", "url"),
    "limiter": ("fixed", "sliding", "sliding_counting", "bucket"),
    "created_status": (200, 201),
    "split_recipients": ("refused", "ignored"),
    "request_ids": ("all", "errors"),
    "error_param": ("dotted", "brackets"),
    "rate_rule": ("minute", "second"),
    "rate_per": ("address", "account"),
}
_MOST = 1e15
_LARGEST = {
    "returned_share": 1.0,
    "discount_percent": 100.0,
    "returned_after_days": 1e6,
    "pdf_kept_days": 1e6,
}


@dataclass
class World(PrintfulRules):
    """The rules, each with the safest assumption about the real services as its default.

    Lag and limits are counted in real seconds, because a client that waits them out really waits.
    """

    list_lag_s: float = 0.0
    """Real seconds by which lists lag behind: neither a younger job nor a younger confirmation is seen."""
    created_resolution_s: int = 1
    """Seconds to which `created` is rounded down; two jobs of one second cannot be told apart by it."""
    id_order: str = "random"
    """Whether a later id also sorts later: random | ascending | descending."""
    reconfirm: int = 400
    """Status of the answer to confirming a confirmed job again (assumed 400; 200 answers with the job)."""
    test_letters_move: bool = False
    """Whether letters of test jobs leave waiting_to_print (unknown for the real service)."""
    first_status: str = "waiting_to_print"
    """What letters are right after confirming: waiting_to_print | printing (unknown; the latter cannot be
    cancelled). Holds for jobs that are confirmed from now on."""
    working_days: bool = False
    """Whether letters wait for working days of England, with the cut-off at 15:00 in London (documented).
    Holds for jobs that are confirmed from now on."""
    returned_share: float = 0.0
    """Share of the letters that come back after they were sent, 0 to 1; drawn by the id of each letter."""
    returned_after_days: float = 21.0
    """Sandbox days from `sent` until such a letter comes back."""
    webhook_on_confirm: bool = True
    """Whether `letter.updated` is also sent for the first status, which confirming brings (unknown)."""
    drafts_expire: bool = True
    """Whether a draft is deleted after 30 days, or only cannot be confirmed any more (unknown)."""
    address_sheet: str = "never"
    """Which letters to recipients get a page of their own for the address: never | file (PDF and others)
    | html (HTML content, as one user saw) | always. When it happens is unknown."""
    unaddressed: str = "draft"
    """What becomes of letters without a readable address: draft (made, but not to be confirmed) | refused."""
    placeholders: str = "none"
    """How content names a recipient's variables, which is unknown: none (nothing is filled in) |
    double_braces {{name}} | braces {name} | double_brackets [[name]] | percent %name%."""
    nudge_pages: str = "all"
    """What a nudge moves: all pages (newer documentation) | first page of each letter (older one)."""
    file_pages: str = "uploaded"
    """What `file.pages` counts: uploaded pages | kept ones, without removed letters (unknown)."""
    split_ignores_case: bool = False
    """Whether phrases for splitting and removing are found in any case (unknown)."""
    split_front: str = "letter"
    """What pages before the first phrase become: letter (one of their own) | dropped (unknown)."""
    split_unfound: str = "letter"
    """What a phrase on no page gives: letter (one with all pages) | refused (unknown)."""
    split_recipients: str = "refused"
    """Splitting of a job that has recipients: refused | ignored, each gets all pages (unknown)."""
    remove_series: bool = False
    """Whether `remove_letters.series` of the old documentation removes letters by number (unknown)."""
    series_base: int = 0
    """What the first letter and the first page are called by number in `remove_letters.series` and in
    `double_sided_specific_pages`: 0 | 1 (unknown)."""
    uk_account: bool = True
    """Whether the account is in the UK and pays VAT of 20 %; others pay none (documented)."""
    discount_percent: float = 0.0
    """Discount on every letter, 0 to 100: discounts exist and give parts of a penny, how much is unknown."""
    cancelled_cost: str = "left_out"
    """What a job costs after letters were cancelled: left_out (the others' sum) | kept (unknown)."""
    pdf_kept_days: float = 0.0
    """Sandbox days after the last change of status in which a letter's PDF is there; 0: always (unknown)."""
    background_shape: str = "new"
    """How backgrounds look: new (`file`, `pdf`, `team` as id) | old (`filename`, `preview`, Team object)."""
    merge_link: str = "download_link"
    """What the link to merged files is called: download_link | url (unknown)."""
    rate_limit: int = 100
    """Intelliprint calls per real minute and caller; 0 switches the limit off."""
    limiter: str = "fixed"
    """fixed | sliding | sliding_counting (refused calls count as well) | bucket."""
    retry_after: bool = True
    """Whether a 429 names the wait in Retry-After (unknown for Intelliprint)."""
    rate_rule: str = "minute"
    """minute (`rate_limit` calls) | second (10 about test jobs, 50 about live ones, without `rate_limit`)."""
    rate_per: str = "address"
    """What Intelliprint calls are counted by: the caller's address (documented) | account."""
    front_end: bool = True
    """Whether a `Python-urllib` User-Agent meets a 403 page of HTML before the service (seen by others)."""
    key_before_route: bool = False
    """Whether the API key is checked before the path, so that without one any path is 401 (unknown)."""
    basic_auth: bool = False
    """Whether Intelliprint takes the API key as user name of Basic, as at its old address (unknown now)."""
    created_status: int = 200
    """Status of the answer to creating something at Intelliprint: 200 | 201 (unknown)."""
    plain_errors: bool = False
    """Whether Intelliprint errors of unknown status (402 unpaid, 413 too large) come as a plain 400."""
    request_ids: str = "all"
    """Which Intelliprint answers have a `request-id`: all (assumed) | errors (seen live)."""
    bare_file_url: bool = True
    """Whether `file` may be a bare URL, as one sample of the vendor has it (unverified)."""
    error_param: str = "dotted"
    """How an error names a nested parameter: dotted (documented) | brackets (in a fixture of others)."""
    retrieve_fields: bool = False
    """Whether `GET /prints/{id}` takes `fields` as lists do, or knows no such parameter (unknown)."""
    fields_keep_id: bool = False
    """Whether rows of a list asked for some `fields` have their id without being asked for it (unknown)."""
    clamp_limit: bool = False
    """Whether a `limit` outside of 1 to 1000 is cut to it instead of refused (unknown)."""
    dotted_parameters: bool = False
    """Whether bodies may write `postage.service` for `postage[service]`, as one connector does (unknown)."""
    update_content: bool = False
    """Whether the `content` of a draft can be updated, as one connector says (unverified)."""
    cancel_says_deleted: bool = False
    """Whether a cancelled job is answered with `deleted: true` in it, as an older schema has it."""
    templates: bool = False
    """Whether `GET /templates` is there, with those that the tester made (two connectors have it)."""
    balance: int | None = None
    """What the Intelliprint account can still pay, in 1e-8 GBP; None never runs out."""
    keep_unpaid_draft: bool = True
    """Whether a create with confirmed=true that cannot be paid leaves its draft behind (unknown)."""

    def update(self, changes: dict[str, Any]) -> None:
        """Change rules by name, all or none.

        :raises ValueError: for a name or value that is no rule.
        """
        known = {field.name: field for field in fields(self)}
        checked: dict[str, Any] = {}
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"{name!r} is no rule of the world; there are: {', '.join(sorted(known))}")
            checked[name] = self._checked(name, value)
        for name, value in checked.items():
            setattr(self, name, value)

    def as_dict(self) -> dict[str, Any]:
        """Every rule with its value."""
        return asdict(self)

    def _checked(self, name: str, value: Any) -> Any:
        if name in CHOICES:
            # Not by `in`: true is no 1, and 201.0 no status, though they are equal.
            if not any(value == choice and type(value) is type(choice) for choice in CHOICES[name]):
                allowed = ", ".join(str(choice) for choice in CHOICES[name])
                raise ValueError(f"{name} is one of: {allowed}")
            return value
        default = getattr(World(), name)
        if isinstance(default, bool):
            if not isinstance(value, bool):
                raise ValueError(f"{name} is true or false")
            return value
        if value is None and name == "balance":
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST:
            raise ValueError(f"{name} is a number from 0 to {_MOST:.0e}")
        if value > _LARGEST.get(name, _MOST):
            raise ValueError(f"{name} is a number from 0 to {_LARGEST[name]:g}")
        if isinstance(default, float):
            return float(value)
        return max(1, int(value)) if name == "created_resolution_s" else int(value)


class Ids:
    """New ids, the same ones in the same order for the same seed.

    :param seed: None gives other ids every time.
    """

    _ALPHABET = (
        string.digits + string.ascii_uppercase + string.ascii_lowercase
    )  # in the order of their code points

    def __init__(self, *, seed: int | None, store: Store, world: World) -> None:
        self._seed, self._store, self._world = seed, store, world
        self._lock = threading.Lock()
        self.restart()

    def restart(self) -> None:
        """Start the sequence over, after a reset or a restart; ids that are in the store never come again."""
        with self._lock:
            generation = int((self._store.get("_meta", "ids") or {"generation": 0})["generation"])
            self._store.put("_meta", "ids", {"generation": generation + 1})
            self._generation = generation
            self._streams: dict[str, random.Random] = {}
            self._count = generation * 10_000_000
            self._number = 300_000_000 + generation * 1_000_000

    def text(self, prefix: str, length: int) -> str:
        """Return an id: `prefix` and then `length` letters and digits."""
        self._store.check()
        with self._lock:
            self._count += 1
            tail = "".join(self._stream(prefix).choices(self._ALPHABET, k=length))
            if self._world.id_order == "random":
                return prefix + tail
            count = self._count if self._world.id_order == "ascending" else 62**6 - self._count
            return (prefix + self._base62(count, min(6, length)) + tail)[: len(prefix) + length]

    def number(self) -> int:
        """Return a number that is larger than those before, with gaps as in a service that others use too."""
        self._store.check()
        with self._lock:
            self._number += self._stream("").randint(1, 9)
            return self._number

    def _stream(self, prefix: str) -> random.Random:
        """Return the chances of one kind of id: ids of jobs do not depend on how often lists are read."""
        if prefix not in self._streams:
            seed = None if self._seed is None else f"{self._seed}/{self._generation}/{prefix}"
            self._streams[prefix] = random.Random(seed)  # noqa: S311
        return self._streams[prefix]

    def _base62(self, number: int, width: int) -> str:
        digits = []
        for _ in range(width):
            number, digit = divmod(number, 62)
            digits.append(self._ALPHABET[digit])
        return "".join(reversed(digits))
