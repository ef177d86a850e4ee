from __future__ import annotations

import threading

from airflow_provider_print.sandbox.clock import Clock
from airflow_provider_print.sandbox.work import Work


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
    assert done == ["first", "second"]
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
