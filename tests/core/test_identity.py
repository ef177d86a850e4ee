"""The letter key: the same letter always has it, another letter never."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from airflow_provider_print.core.errors import InputError
from airflow_provider_print.core.identity import LetterKey, fingerprint

TASK: dict[str, Any] = {
    "base_url": "https://api.intelliprint.net/v1",
    "testmode": False,
    "environment": "",
    "dag_id": "monthly_statements",
    "run_part": "2026-11-01T00:00:00+00:00",
    "task_id": "send",
    "map_index": -1,
}

PLACE: dict[str, Any] = {"base_url": "https://api.intelliprint.net/v1", "testmode": False, "environment": ""}


def task_key(**changes: Any) -> LetterKey:
    return LetterKey.for_task(**{**TASK, **changes})


def test_recipe_1_is_pinned_because_another_recipe_would_post_letters_again() -> None:
    parts = (
        "api.intelliprint.net",
        "false",
        "",
        "monthly_statements",
        "2026-11-01T00:00:00+00:00",
        "send",
        "-1",
        "",
    )
    prefixed = b"".join(b"%d:%s" % (len(part.encode()), part.encode()) for part in parts)
    expected = base64.b32encode(hashlib.sha256(prefixed).digest()).decode().lower()[:26]
    assert task_key().key == f"af1-{expected}"
    assert task_key().key == "af1-7kxbzuroqyoxwxjttsr67wbtyd"


@pytest.mark.parametrize(
    "change",
    [
        {"base_url": "https://other.example/v1"},
        {"testmode": True},
        {"environment": "staging"},
        {"dag_id": "weekly_statements"},
        {"run_part": "2026-12-01T00:00:00+00:00"},
        {"task_id": "send_again"},
        {"map_index": 3},
        {"resend": "2"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_each_part_makes_another_letter(change: dict[str, Any]) -> None:
    assert task_key(**change).key != task_key().key
    assert task_key(**change).reference != task_key().reference


def test_only_the_host_of_the_base_url_counts() -> None:
    assert task_key(base_url="https://API.intelliprint.net:443/v2").key == task_key().key


def test_length_prefixes_keep_neighbouring_parts_apart() -> None:
    assert task_key(dag_id="ab", task_id="c").key != task_key(dag_id="a", task_id="bc").key


def test_a_users_own_key_replaces_the_task_and_nothing_else() -> None:
    place = {name: TASK[name] for name in ("base_url", "testmode", "environment")}
    invoice = LetterKey.for_user(**place, idempotency_key="invoice-77")
    assert invoice.key == LetterKey.for_user(**place, idempotency_key="invoice-77").key
    assert invoice.key != LetterKey.for_user(**{**place, "testmode": True}, idempotency_key="invoice-77").key
    assert invoice.key != LetterKey.for_user(**place, idempotency_key="invoice-77", resend="2").key
    assert invoice.reference == f"invoice-77 {invoice.key}"


def test_an_empty_idempotency_key_is_refused_by_name() -> None:
    with pytest.raises(InputError) as caught:
        LetterKey.for_user(base_url="https://a.example", testmode=True, environment="", idempotency_key="  ")
    assert caught.value.param == "idempotency_key"


def test_the_reference_reads_well_and_ends_with_the_letter_key() -> None:
    assert task_key().reference == f"monthly_statements.send 2026-11-01 {task_key().key}"
    mapped = task_key(map_index=3, run_part="2026-11-01T07:30:00+00:00")
    assert mapped.reference == f"monthly_statements.send[3] 2026-11-01T07:30:00 {mapped.key}"


def test_control_characters_never_reach_the_reference() -> None:
    odd = LetterKey.for_user(
        base_url="https://a.example", testmode=True, environment="", idempotency_key="in\nvoice\x00 7"
    )
    assert odd.reference == f"in voice 7 {odd.key}"


def test_metadata_carries_the_parts_in_clear_and_recognises_its_own() -> None:
    letter = task_key(map_index=3)
    assert letter.metadata()["dag_id"] == "monthly_statements"
    assert letter.metadata()["map_index"] == "3"
    assert all(isinstance(value, str) for value in letter.metadata().values())
    assert letter.owns(letter.metadata())
    assert not letter.owns(task_key(map_index=4).metadata())


def test_a_job_with_our_reference_is_ours_unless_it_names_another_letter_key() -> None:
    assert task_key().owns(None)
    assert task_key().owns({"note": "edited in the dashboard"})
    assert not task_key().owns({"letter_key": "af1-other"})


def test_a_fingerprint_sees_changed_values_and_not_their_order() -> None:
    one = fingerprint({"a": 1, "b": [1, 2]})
    assert one == fingerprint({"b": [1, 2], "a": 1})
    assert one != fingerprint({"a": 1, "b": [2, 1]})


def test_a_chunk_has_a_letter_key_of_its_own_that_is_pinned_and_shows_whose_chunk_it_is() -> None:
    whole = LetterKey.for_user(
        base_url="https://api.intelliprint.net/v1", testmode=False, environment="", idempotency_key="march"
    )
    chunk = whole.of_chunk("3")
    parts = ("api.intelliprint.net", "false", "", "march", "", "3")
    prefixed = b"".join(b"%d:%s" % (len(part.encode()), part.encode()) for part in parts)
    digest = base64.b32encode(hashlib.sha256(prefixed).digest()).decode().lower()[:26]
    assert chunk.key == f"af1-{digest}"
    assert chunk.reference == f"march/3 af1-{digest}"
    assert chunk.metadata()["chunk"] == "3"
    keys = {whole.key, chunk.key, whole.of_chunk("4").key, task_key().of_chunk("3").key}
    keys.add(LetterKey.for_user(**{**PLACE, "idempotency_key": "march/3"}).key)
    assert len(keys) == 5


def test_a_long_name_leaves_room_for_the_chunk() -> None:
    chunk = LetterKey.for_user(**{**PLACE, "idempotency_key": "x" * 300}).of_chunk("12+3")
    assert chunk.words.endswith("x/12+3")
    assert len(chunk.words) == 120
