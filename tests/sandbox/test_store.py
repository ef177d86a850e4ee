from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from airflow_provider_print.sandbox import decoded
from airflow_provider_print.sandbox.store import Scope, StaleError, Store

if TYPE_CHECKING:
    from pathlib import Path


def test_documents_come_back_in_the_order_of_their_first_writing() -> None:
    store = Store()
    for name in ("b", "a", "c"):
        store.put("kind", name, {"id": name})
    store.put("kind", "a", {"id": "a", "changed": True})
    assert [doc["id"] for doc in store.all("kind")] == ["b", "a", "c"]
    assert store.get("kind", "a") == {"id": "a", "changed": True}
    assert store.count("kind") == 3


def test_find_compares_text_numbers_booleans_and_nothing() -> None:
    store = Store()
    store.put("kind", "1", {"id": "1", "text": "x", "number": 5, "flag": True, "none": None})
    store.put("kind", "2", {"id": "2", "text": "y", "number": 6, "flag": False, "none": 1})
    found = [
        store.find("kind", text="x"),
        store.find("kind", number=5),
        store.find("kind", flag=True),
        store.find("kind", none=None),
        store.find("kind", text="x", number=5),
    ]
    assert [[doc["id"] for doc in docs] for docs in found] == [["1"]] * 5


def test_a_field_name_cannot_smuggle_sql() -> None:
    with pytest.raises(ValueError, match="not the name of a field"):
        Store().find("kind", **{"a') OR 1=1 --": 1})


def test_a_transaction_that_fails_leaves_nothing_behind() -> None:
    store = Store()
    store.put("kind", "1", {"value": 1})

    def fail() -> None:
        with store.transaction():
            store.put("kind", "1", {"value": 2})
            with store.transaction():
                store.put("kind", "2", {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert store.get("kind", "1") == {"value": 1}
    assert store.get("kind", "2") is None


def test_the_same_bytes_are_kept_once_under_their_digest() -> None:
    store = Store()
    assert store.put_blob(b"x") == store.put_blob(b"x")
    assert store.get_blob(store.put_blob(b"x")) == b"x"
    with pytest.raises(KeyError):
        store.get_blob("0" * 64)


def test_what_was_committed_is_there_after_reopening(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put("kind", "1", {"value": 1})
    # No close: as after a kill -9.
    assert Store(tmp_path).get("kind", "1") == {"value": 1}


def test_who_only_looks_sees_what_was_written_last_in_the_same_order() -> None:
    store = Store()
    assert store.peek_all("kind") == []
    for name in ("b", "a", "c"):
        store.put("kind", name, {"id": name, "reference": "r", "flag": name == "a"})
    store.put("kind", "b", {"id": "b", "reference": "other", "flag": True})
    store.delete("kind", "c")
    store.put("kind", "c", {"id": "c", "reference": "r", "flag": False})
    store.put("kind", "z", {"id": "z", "reference": None})
    store.delete("kind", "z")
    for equal in ({}, {"flag": True}, {"reference": "r"}, {"reference": "r", "flag": False}, {"none": None}):
        assert store.peek_all("kind", **equal) == store.find("kind", **equal)
    for name in "abcz":
        assert store.peek("kind", name) == store.get("kind", name)


def test_who_only_looks_never_sees_what_was_rolled_back() -> None:
    store = Store()
    store.put("kind", "1", {"value": 1})
    store.put("kind", "2", {"value": 2})
    for look in (lambda: store.peek("kind", "1"), lambda: store.peek_all("kind")):
        look()
        with suppress(RuntimeError), store.transaction():
            store.put("kind", "1", {"value": 3})
            store.delete("kind", "2")
            store.put("kind", "3", {})
            assert store.peek("kind", "1") == {"value": 3}
            raise RuntimeError
        assert store.peek("kind", "1") == {"value": 1}
        assert store.peek_all("kind") == [{"value": 1}, {"value": 2}]
    with suppress(RuntimeError), store.transaction():
        store.clear()
        raise RuntimeError
    assert store.peek_all("kind") == [{"value": 1}, {"value": 2}]


def test_documents_that_are_too_large_together_are_read_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoded, "_SHARED", 100)
    store = Store()
    for number in range(10):
        store.put("kind", str(number), {"number": number, "text": "x" * 20})
        assert [doc["number"] for doc in store.peek_all("kind")] == list(range(number + 1))
        assert store.peek("kind", "0") == {"number": 0, "text": "x" * 20}


def test_the_store_can_be_held_only_while_nobody_else_writes() -> None:
    store = Store()
    begun, go_on = threading.Event(), threading.Event()

    def write() -> None:
        with store.transaction():
            begun.set()
            go_on.wait(10)

    writer = threading.Thread(target=write)
    writer.start()
    assert begun.wait(10)
    with store.unless_busy() as held:
        assert not held
    go_on.set()
    writer.join(10)
    with store.unless_busy() as held:
        assert held
        assert store.peek("kind", "1") is None


def test_deleting_says_whether_there_was_something() -> None:
    store = Store()
    store.put("kind", "1", {})
    assert store.delete("kind", "1")
    assert not store.delete("kind", "1")


def test_numbers_that_json_does_not_have_are_not_kept() -> None:
    store = Store()
    with pytest.raises(ValueError, match="JSON"):
        store.put("kind", "1", {"value": [float("nan")]})
    assert store.get("kind", "1") is None


def test_what_began_before_everything_was_forgotten_can_neither_read_nor_write() -> None:
    store = Store()
    with store.within(Scope(store.epoch)):
        store.put("kind", "1", {})
        store.clear()
        for use in (
            lambda: store.put("kind", "2", {}),
            lambda: store.get("kind", "2"),
            lambda: store.delete("kind", "2"),
            lambda: store.all("kind"),
            lambda: store.put_blob(b"x"),
        ):
            with pytest.raises(StaleError):
                use()
    assert store.all("kind") == []


def test_a_scope_counts_what_was_written_for_good() -> None:
    store, scope = Store(), Scope(0)
    with store.within(scope):
        store.put("kind", "1", {})
        store.put("_kind", "1", {})
        store.delete("kind", "2")
        with suppress(RuntimeError), store.transaction():
            store.put("kind", "3", {})
            raise RuntimeError
    store.put("kind", "4", {})
    assert scope.writes == 1
