from __future__ import annotations

import logging
import math
import stat
import struct
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from airflow_provider_print.core import pace_files
from airflow_provider_print.core.pacing import Pace
from tests.support.fakes import FakeTime


def pace(tmp_path: Path, clock: FakeTime, **options: float) -> Pace:
    return Pace("account", root=tmp_path, now=clock.now, **options)  # type: ignore[arg-type]


def waits(one: Pace, calls: int) -> list[float]:
    return [round(one.reserve()[1], 3) for _ in range(calls)]


def test_a_burst_of_two_then_an_even_pace(tmp_path: Path) -> None:
    assert waits(pace(tmp_path, FakeTime(), rate=60), 5) == [0, 0, 1, 2, 3]


def test_never_more_than_the_rate_in_any_minute(tmp_path: Path) -> None:
    clock = FakeTime()
    one = pace(tmp_path, clock)
    starts = []
    for _ in range(400):
        clock.moment += one.reserve()[1]
        starts.append(clock.moment)
    for begin in range(300):
        inside = [start for start in starts if starts[begin] <= start < starts[begin] + 60]
        assert len(inside) <= 100


def test_two_processes_of_one_account_share_the_pace_and_two_accounts_do_not(tmp_path: Path) -> None:
    clock = FakeTime()
    first, second = pace(tmp_path, clock, rate=60), pace(tmp_path, clock, rate=60)
    assert waits(first, 2) == [0, 0]
    assert waits(second, 2) == [1, 2]
    assert Pace("another account", root=tmp_path, now=clock.now, rate=60).reserve()[1] == 0


def test_real_processes_together_keep_the_rate(tmp_path: Path) -> None:
    code = (
        "import sys,time;from pathlib import Path;from airflow_provider_print.core.pacing import Pace\n"
        "p=Pace('account',root=Path(sys.argv[1]),rate=3000)\n"
        "for _ in range(10):\n"
        "  time.sleep(p.reserve()[1]); print(time.time())\n"
    )
    workers = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    moments = sorted(float(line) for worker in workers for line in worker.communicate()[0].split())
    assert len(moments) == 40
    # 50 a second with a burst of 2: 40 calls need 38 steps of 20 ms, whoever makes them.
    assert moments[-1] - moments[0] >= 38 * 0.02 - 0.05


def test_threads_of_one_process_share_the_pace(tmp_path: Path) -> None:
    one = pace(tmp_path, FakeTime(), rate=60)
    with ThreadPoolExecutor(8) as pool:
        found = sorted(pool.map(lambda _: round(one.reserve()[1]), range(20)))
    assert found == [0, 0, *range(1, 19)]


def test_a_rate_of_nothing_switches_the_pace_off(tmp_path: Path) -> None:
    one = pace(tmp_path, FakeTime(), rate=0)
    one.hold(100)
    assert waits(one, 50) == [0] * 50
    assert list(tmp_path.iterdir()) == []


def test_a_hold_stops_everybody_but_not_for_longer_than_ten_minutes(tmp_path: Path) -> None:
    clock = FakeTime()
    pace(tmp_path, clock, rate=60).hold(1e9)
    assert waits(pace(tmp_path, clock, rate=60), 2) == [600, 600]


def test_a_wait_that_is_too_long_takes_no_turn(tmp_path: Path) -> None:
    one = pace(tmp_path, FakeTime(), rate=60)
    one.hold(50)
    assert one.reserve(longest=10) == (False, 50)
    assert one.reserve(longest=50) == (True, 50)


def test_a_clock_that_is_set_back_stops_nobody_for_years(tmp_path: Path) -> None:
    clock = FakeTime()
    one = pace(tmp_path, clock, rate=60)
    one.reserve()
    one.hold(300)
    clock.moment -= 10**8
    assert one.reserve()[1] <= 3600


@pytest.mark.parametrize("content", [b"", b"short", struct.pack("dd", math.nan, math.inf), b"\xff" * 16])
def test_a_broken_file_is_begun_anew(tmp_path: Path, content: bytes) -> None:
    clock = FakeTime()
    pace(tmp_path, clock, rate=60).reserve()
    file = next(tmp_path.iterdir())
    file.write_bytes(content)
    assert waits(pace(tmp_path, clock, rate=60), 3) == [0, 0, 1]


def test_the_file_shows_no_api_key_and_belongs_to_its_user(tmp_path: Path) -> None:
    root = tmp_path / "rates"
    Pace("https://api.example\nkey_SECRET", root=root).reserve()
    file = next(root.iterdir())
    assert "SECRET" not in file.name
    assert b"SECRET" not in file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(root.stat().st_mode) == 0o700


def test_without_a_usable_file_the_pace_holds_in_this_process_with_one_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pace_files._warned.clear()
    blocked = tmp_path / "file"
    blocked.touch()
    clock = FakeTime()
    with caplog.at_level(logging.WARNING):
        one = Pace("account", root=blocked, now=clock.now, rate=60)
        assert waits(one, 4) == [0, 0, 1, 2]
        one.hold(30)
        assert one.reserve() == (True, 30)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "several together may exceed it" in caplog.text


def test_a_link_planted_in_the_place_of_the_file_is_not_followed(tmp_path: Path) -> None:
    pace_files._warned.set()
    target = tmp_path / "victim"
    target.write_bytes(b"precious")
    root = tmp_path / "rates"
    root.mkdir()
    one = Pace("account", root=root, rate=60)
    (root / one.buckets[0].name).symlink_to(target)
    assert waits(one, 2) == [0, 0]
    assert target.read_bytes() == b"precious"


@pytest.mark.parametrize("options", [{"rate": -1}, {"rate": math.nan}, {"burst": 0}])
def test_a_rate_of_nonsense_is_refused(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="not a rate"):
        Pace("account", **options)  # type: ignore[arg-type]


def test_taking_a_turn_is_cheap(tmp_path: Path) -> None:
    one = Pace("account", root=tmp_path, rate=1e9)
    start = time.perf_counter()
    for _ in range(200):
        one.reserve()
    assert (time.perf_counter() - start) / 200 < 0.005


def test_files_are_not_left_open(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    one = Pace("account", root=tmp_path)
    for _ in range(20):
        one.reserve()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_call_counts_against_every_bucket_that_it_names(tmp_path: Path) -> None:
    clock = FakeTime()

    def made(*scopes: str) -> Pace:
        return Pace(*scopes, root=tmp_path, now=clock.now, rate=60)

    assert waits(made("old API key", "account"), 3) == [0, 0, 1]
    assert waits(made("account", "new API key"), 1) == [2]
    assert waits(made("new API key"), 1) == [2]
    assert waits(made("another account"), 1) == [0]


def test_polls_go_at_once_where_nobody_waits(tmp_path: Path) -> None:
    clock = FakeTime()
    one = pace(tmp_path, clock, rate=60)
    for _ in range(10):
        assert one.step_back() == (True, 0.0)
        clock.moment += one.reserve()[1] + 2


def test_polls_get_a_fifth_of_the_rate_while_others_wait(tmp_path: Path) -> None:
    clock = FakeTime()
    one = pace(tmp_path, clock, rate=60)
    for _ in range(30):
        one.reserve()
    assert [round(one.step_back()[1]) for _ in range(4)] == [0, 5, 10, 15]
    # Stepping back takes no moment of the others.
    assert one.reserve()[1] == pytest.approx(29)


def test_polls_that_would_wait_too_long_take_no_turn(tmp_path: Path) -> None:
    clock = FakeTime()
    one = pace(tmp_path, clock, rate=60)
    for _ in range(30):
        one.reserve()
    for _ in range(3):
        one.step_back()
    assert one.step_back(longest=5) == (False, pytest.approx(15))
