from __future__ import annotations

import threading

import pytest

from airflow_provider_print.sandbox.clock import Clock


class Real:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def real() -> Real:
    return Real()


@pytest.mark.behaviour("sandbox.clock.speed")
def test_sandbox_time_runs_at_its_speed(real: Real) -> None:
    clock = Clock(speed=60, real=real)
    real.now += 2
    assert clock.now() == 1120


@pytest.mark.behaviour("sandbox.clock.freeze")
def test_a_frozen_clock_stands_still_until_it_is_moved(real: Real) -> None:
    clock = Clock(real=real)
    clock.freeze()
    real.now += 100
    assert clock.now() == 1000
    assert clock.advance(5) == 1005
    assert clock.now() == 1005


@pytest.mark.behaviour("sandbox.clock.freeze")
def test_a_clock_runs_on_after_freezing_without_a_jump(real: Real) -> None:
    clock = Clock(speed=10, real=real)
    clock.freeze()
    real.now += 100
    clock.freeze(False)
    real.now += 1
    assert clock.now() == 1010


def test_a_new_speed_counts_from_now_on(real: Real) -> None:
    clock = Clock(speed=1, real=real)
    real.now += 10
    clock.set_speed(100)
    real.now += 1
    assert clock.now() == 1110


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
@pytest.mark.behaviour("sandbox.clock.advance")
def test_the_clock_does_not_go_back_or_nowhere(real: Real, seconds: float) -> None:
    clock = Clock(real=real)
    with pytest.raises(ValueError, match="forward"):
        clock.advance(seconds)
    with pytest.raises(ValueError, match="forward"):
        clock.set(1000 + seconds)


def test_real_waits_follow_from_speed(real: Real) -> None:
    clock = Clock(speed=60, real=real)
    assert clock.real_seconds_until(1060) == 1
    assert clock.real_seconds_until(900) == 0
    clock.freeze()
    assert clock.real_seconds_until(1060) is None


@pytest.mark.behaviour("sandbox.clock.restart")
def test_time_stands_still_while_the_sandbox_is_down(real: Real) -> None:
    clock = Clock(speed=60, real=real)
    real.now += 10
    kept = clock.state()
    real.now += 10_000
    later = Clock(speed=60, real=real)
    later.restore(kept)
    assert later.now() == 1600


def test_the_clock_ends_before_dates_cannot_be_written(real: Real) -> None:
    clock = Clock(speed=1e8, real=real)
    clock.freeze()
    clock.advance(9e10)
    with pytest.raises(ValueError, match="5138"):
        clock.advance(9e10)
    with pytest.raises(ValueError, match="5138"):
        clock.set(2e11)
    clock.freeze(False)
    real.now += 1e6
    assert clock.now() == 1e11


def test_a_restart_runs_at_the_speed_of_the_beginning(real: Real) -> None:
    clock = Clock(speed=5, real=real)
    clock.set_speed(1000)
    clock.restart()
    assert clock.speed == 5


def test_who_listens_may_wait_for_who_asks_for_the_time(real: Real) -> None:
    clock, asked = Clock(real=real), threading.Event()

    def ask() -> None:
        clock.now()
        asked.set()

    def listen() -> None:
        threading.Thread(target=ask, daemon=True).start()
        assert asked.wait(5)
        asked.clear()

    clock.when_changed(listen)
    clock.freeze()
    clock.set_speed(5)
    clock.advance(5)
    assert clock.set(clock.now() + 5) > 0
