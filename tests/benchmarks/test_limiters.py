"""What the figures promise on any machine: no refusal, nothing lost, nothing twice; time is not looked at.

Time runs fast here and the machine may be busy, so the limit is kept with more room than by default.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

from benchmarks.limiters import KINDS, Run, redis_server, run

# More calls than one window has, so that each limiter would refuse some that came at once.
LETTERS, LIMIT = 13, 20
small = partial(run, letters=LETTERS, processes=8, scale=40.0, limit=LIMIT, rate=0.6 * LIMIT)


def test_8_processes_meet_no_refusal_under_any_limiter_and_each_letter_is_posted_once() -> None:
    with ThreadPoolExecutor(len(KINDS)) as pool:
        found = dict(zip(KINDS, pool.map(partial(small, "ours"), KINDS), strict=True))
    counted = {kind: (one.calls, one.refused, one.lost, one.twice) for kind, one in found.items()}
    assert counted == dict.fromkeys(KINDS, (2 * LETTERS, 0, 0, 0))


def test_groups_that_share_a_redis_server_keep_the_limit_together() -> None:
    with redis_server() as url:
        shared = small("ours", "sliding", letters=2 * LETTERS, groups=2, store=url)
    assert (shared.calls, shared.refused, shared.lost, shared.twice) == (4 * LETTERS, 0, 0, 0)


def test_a_run_is_fine_only_without_refusal_loss_repetition_and_within_its_time() -> None:
    fine = {"ratio": 1.05, "seconds": 60.0, "calls": 9, "refused": 0, "lost": 0, "twice": 0, "stopped": False}
    worse: list[dict[str, object]] = [
        {"ratio": 1.09},
        {"refused": 1},
        {"lost": 1},
        {"twice": 1},
        {"stopped": True},
    ]
    assert Run(**fine, error="").is_fine()  # type: ignore[arg-type]
    assert not any(Run(**fine | one, error="").is_fine() for one in worse)  # type: ignore[arg-type]
