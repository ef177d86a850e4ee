from __future__ import annotations

import gc
import threading
import weakref

import pytest

from airflow_provider_print.sandbox.clock import Clock
from airflow_provider_print.sandbox.work import Work


@pytest.mark.behaviour("sandbox.clock.advance")
def test_work_happens_when_the_clock_has_come_so_far() -> None:
    clock = Clock()
    clock.freeze()
    work, done = Work(clock), []
    work.later(20, lambda: done.append("second"))
    work.later(10, lambda: done.append("first"))
    work.run_due()
    assert done == []
    clock.advance(30)
    work.run_due()
    assert sorted(done) == ["first", "second"]
    work.stop()


def test_the_thread_does_the_work_when_nobody_else_does() -> None:
    clock, done = Clock(speed=1000), threading.Event()
    work = Work(clock)
    work.later(20, done.set)
    assert done.wait(5)
    work.stop()


def test_work_that_fails_does_not_stop_what_comes_after(caplog: object) -> None:
    clock, done = Clock(), []
    clock.freeze()
    work = Work(clock)
    work.later(1, lambda: 1 / 0)  # type: ignore[arg-type, return-value]
    work.later(2, lambda: done.append(1))
    clock.advance(5)
    work.run_due()
    assert done == [1]
    work.stop()


def test_cleared_work_is_never_done() -> None:
    clock, done = Clock(), []
    clock.freeze()
    work = Work(clock)
    work.later(1, lambda: done.append(1))
    work.clear()
    clock.advance(5)
    work.run_due()
    assert done == []
    work.stop()


def test_slow_work_holds_up_neither_other_work_nor_a_look_at_the_clock() -> None:
    clock, go_on, done = Clock(), threading.Event(), threading.Event()
    clock.freeze()
    work = Work(clock)
    work.later(1, lambda: go_on.wait(10) and None)
    work.later(2, done.set)
    waiting = threading.Thread(target=lambda: (clock.advance(5), work.run_due()), daemon=True)
    waiting.start()
    assert done.wait(5)
    assert clock.advance(1) > 0
    assert waiting.is_alive()
    go_on.set()
    waiting.join(5)
    assert not waiting.is_alive()
    work.stop()


def test_who_waits_for_work_is_let_go_when_it_is_cleared() -> None:
    clock, begun, go_on = Clock(), threading.Event(), threading.Event()

    def hold() -> None:
        begun.set()
        go_on.wait(10)

    clock.freeze()
    work = Work(clock)
    work.later(1, hold)
    clock.advance(2)
    waiting = threading.Thread(target=work.run_due, daemon=True)
    waiting.start()
    assert begun.wait(5)
    work.clear()
    waiting.join(5)
    assert not waiting.is_alive()
    go_on.set()
    work.stop()


def test_what_was_stopped_is_let_go_of_by_the_clock() -> None:
    clock, done = Clock(), threading.Event()
    work = Work(clock)
    work.later(0, done.set)
    assert done.wait(5)
    gone = weakref.ref(work)
    work.stop()
    clock.advance(1)
    del work
    gc.collect()
    assert gone() is None
