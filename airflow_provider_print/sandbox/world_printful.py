"""The rules of the world that are about Printful, apart from the others because they are many.

What nobody outside knows of the service has a rule here; its default is the safest assumption.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

CHOICES: dict[str, tuple[Any, ...]] = {
    "printful_list": ("live", "gone"),
    "printful_profile": ("legacy", "modern"),
    "printful_store_header": ("account", "always"),
    "printful_oauth_only": (401, 403),
    "printful_processing": ("normal", "stuck", "failed"),
    "printful_failed_again": ("kept", "revived"),
    "printful_same_url": ("exact", "normalised"),
    "printful_library": ("store", "account"),
    "printful_foreign_file": (404, 403),
    "printful_bad_id": (404, 400),
    "printful_posted_id": ("ignored", "refused", "returned"),
    "printful_unknown_fields": ("ignored", "refused"),
    "printful_unknown_type": ("kept", "refused"),
    "printful_visible": ("strings", "strict", "any"),
    "printful_bad_url": ("refused", "failed"),
    "printful_wrong_format": ("failed", "refused"),
    "printful_deprecated_formats": ("ok", "failed"),
    "printful_unknown_dpi": (None, 72),
    "printful_spaces": ("dashes", "kept"),
    "printful_bad_status": ("refused", "ignored"),
    "printful_bad_page": ("mixed", "refused", "clamped"),
    "printful_ties": ("higher_id", "lower_id"),
    "printful_ids": ("mixed", "ascending"),
    "printful_named_errors": ("no", "reason", "code"),
    "printful_rate_reason": ("TooManyRequests", "BadRequest", 429),
    "printful_extra": ("modern", "always", "never"),
    "printful_error_body": ("json", "html", "empty"),
    "printful_v2_errors": ("observed", "documented"),
}


@dataclass
class PrintfulRules:
    """The rules about Printful, each with the safest assumption about the real service as its default."""

    printful_list: str = "live"
    """Whether Printful's `GET /files` still answers: live | gone (410, as documented today)."""
    printful_profile: str = "legacy"
    """Which generation of Printful's answers is given: legacy | modern."""
    printful_account_token: bool = False
    """Whether Printful takes `printful_sandbox_account`, a token for all stores, besides the API keys."""
    printful_token_expires: int = 0
    """Sandbox time in Unix seconds from which the private tokens are refused; 0 for never. The service's have
    such a date."""
    printful_store_header: str = "account"
    """Which tokens must name their store: account (documented) | always (as some have seen)."""
    printful_oauth_only: int = 401
    """Status of a call without a token where a store key is not enough: 401 (observed) | 403 (documented)."""
    printful_bot_protection: bool = False
    """Whether Printful's front refuses the default User-Agent of Python's urllib (one project saw it)."""
    printful_waiting_s: float = 10.0
    """Sandbox seconds that a new file waits (unknown; others see a few seconds to a minute)."""
    printful_processing: str = "normal"
    """What becomes of waiting files: normal | stuck (they wait on) | failed (whatever they are)."""
    printful_early_hash: bool = False
    """Whether a file shows its name and hash half-way, while it still waits (one sample has them)."""
    printful_failed_again: str = "kept"
    """What adding the URL of a failed file again does: kept (it stays failed) | revived (it waits again)."""
    printful_repeat_changes: bool = False
    """Whether adding a URL again changes the type, name and visibility that the file has."""
    printful_same_url: str = "exact"
    """Which URLs are the same: exact (every byte) | normalised (case of the host, port, fragment)."""
    printful_library: str = "store"
    """Whose library it is, and so where a URL is known: store | account."""
    printful_foreign_file: int = 404
    """Status of the answer about a file of another store: 404 | 403."""
    printful_bad_id: int = 404
    """Status of the answer to an id that is no number: 404 | 400."""
    printful_posted_id: str = "ignored"
    """What an `id` among the fields of a new file does: ignored | refused | returned (that file)."""
    printful_unknown_fields: str = "ignored"
    """What unknown fields of a new file are: ignored | refused."""
    printful_unknown_type: str = "kept"
    """What a `type` is that is no known placement: kept | refused."""
    printful_visible: str = "strings"
    """What `visible` may be: strings (true, false, 0, 1, "0", "1") | strict (no strings) | any ("" and
    "false" are false too, all else is true)."""
    printful_bad_url: str = "refused"
    """What a URL that is empty or not of the web is: refused | failed (accepted first)."""
    printful_wrong_format: str = "failed"
    """What a source is that is no artwork: failed (afterwards) | refused (looked at before the answer)."""
    printful_byte_upload: bool = False
    """Whether bytes are taken instead of a URL: `data` or `file` in base64, or a part `file` of a form."""
    printful_max_bytes: int = 200 * 1024 * 1024
    """Largest source in bytes (unknown; the limit of the service's own upload page)."""
    printful_max_side: int = 0
    """Longest side of a picture in pixels; 0 for no limit (unknown; 20000 in one summary)."""
    printful_deprecated_formats: str = "ok"
    """What AI, PSD and TIFF become in the modern profile: ok | failed."""
    printful_unknown_dpi: int | None = None
    """The `dpi` of a picture that has no density: null | 72."""
    printful_spaces: str = "dashes"
    """What becomes of spaces in the name that a URL gives: dashes | kept."""
    printful_bad_status: str = "refused"
    """What an unknown status to list by is: refused | ignored."""
    printful_bad_page: str = "mixed"
    """What `limit` and `offset` out of bounds are: mixed (above 100 counts as 100, the rest is refused) |
    refused | clamped."""
    printful_ties: str = "higher_id"
    """Which of two files of one second is listed first: higher_id | lower_id."""
    printful_ids: str = "mixed"
    """Whether a younger file always has a higher id: mixed (no, as documented) | ascending."""
    printful_listed_errors: bool = False
    """Whether a body that is no JSON object gets 430 and a field of the wrong type 431, and not 400: both are
    listed without a word on when they come."""
    printful_named_errors: str = "no"
    """Where the names of the documentation (FL-1 to FL-9) are seen: no | reason | code (and reason)."""
    printful_rate_reason: str | int = "TooManyRequests"
    """The reason in a 429: TooManyRequests | BadRequest | 429."""
    printful_reset_header: bool = True
    """Whether a 429 of v1 carries X-Ratelimit-Reset; `retry_after` says the same of Retry-After."""
    printful_add_limit: int = 0
    """Files that an account may add per real minute before it is locked out for one; 0 for no such limit."""
    printful_extra: str = "modern"
    """Which profile's answers have `extra`: modern | always | never."""
    printful_error_body: str = "json"
    """Body of the 410 and of a 5xx of v1: json | html (of the proxy before the service) | empty."""
    printful_v2_errors: str = "observed"
    """Shape of the errors of v2: observed (`data`, and problem details for bad fields) | documented."""
    printful_thread_colors_token: bool = True
    """Whether reading thread colours needs a token."""
