"""A reduced run of the explorer: the shipped paid step holds, what is known to be wrong falls."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from airflow_provider_print.intelliprint.letter import Policy
from proofs.model import __main__ as command
from proofs.model import explore as exploring
from proofs.model import shipped
from proofs.model.environments import ENVIRONMENTS, Budget
from proofs.model.explore import FALLS, HOLDS, OPEN, STOPS, Verdict
from proofs.model.moves import Moves
from proofs.model.naive import NAIVE
from proofs.model.shipped import (
    own_key,
    with_register,
    with_register_put_off,
    without_register,
    without_register_put_off,
)
from proofs.mutations import cuts

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from proofs.model.calls import Protocol

NONE, ONE = Budget(0, 0, 0), Budget(1, 1, 0)
NAIVELY = {protocol.name: protocol for protocol in NAIVE}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Not a line of log for each of a hundred thousand attempts."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def explore(protocol: Protocol, environment: str, budget: Budget = ONE, **options: int) -> Verdict:
    return exploring.explore(protocol, ENVIRONMENTS[environment], budget, **options)


@pytest.mark.parametrize("environment", ["A", "B", "C", "F", "H", "J3", "K"])
def test_with_a_register_one_letter_is_paid_once_whatever_happens(environment: str) -> None:
    assert explore(with_register(), environment).verdict == HOLDS


@pytest.mark.parametrize("environment", ["A", "B", "C", "D", "T", "K", "DT"])
def test_without_a_register_the_settle_keeps_it_at_one(environment: str) -> None:
    assert explore(without_register(), environment, NONE).verdict == HOLDS


@pytest.mark.parametrize(("environment", "budget"), [("F", Budget(1, 2, 0)), ("H", ONE), ("N", NONE)])
def test_a_try_that_is_put_off_and_runs_again_under_its_number_pays_no_second_letter(
    environment: str, budget: Budget
) -> None:
    assert explore(with_register_put_off(), environment, budget).verdict == HOLDS


@pytest.mark.parametrize("environment", ["C", "CN"])
def test_nor_does_one_without_a_register(environment: str) -> None:
    assert explore(without_register_put_off(), environment, ONE).verdict == HOLDS


def test_a_try_that_runs_again_under_the_name_of_its_first_run_may_pay_for_another_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    named = shipped._made_in
    monkeypatch.setattr(shipped, "_made_in", lambda run, content: named(run, content % shipped._PUT_OFF))
    shipped._job.cache_clear()
    found = explore(without_register_put_off(), "CN", Budget(1, 2, 0))
    shipped._job.cache_clear()
    assert found.verdict == FALLS


def test_a_try_that_runs_again_although_its_write_was_not_answered_may_pay_twice() -> None:
    assert explore(with_register_put_off(heedless=True), "F", Budget(1, 2, 0)).verdict == FALLS


def test_two_runs_with_one_letter_key_pay_one_job() -> None:
    smaller = replace(ENVIRONMENTS["M"], tries=(2, 1))
    assert exploring.explore(own_key(), smaller, NONE).verdict == HOLDS


def test_another_file_on_each_try_is_still_one_letter() -> None:
    assert explore(with_register(), "N", NONE).verdict == HOLDS


def test_a_draft_that_a_human_deletes_stops_the_letter_and_never_doubles_it() -> None:
    found = explore(with_register(), "L", NONE)
    assert found.verdict == STOPS
    assert "on_missing" in found.why


def test_recreating_what_was_deleted_pays_once_too() -> None:
    assert explore(with_register(policy=Policy(on_missing="recreate")), "L", NONE).verdict == HOLDS


def test_what_is_not_claimed_is_not_claimed_for_a_reason() -> None:
    assert explore(without_register(), "F", NONE).verdict == FALLS
    assert explore(without_register(), "DT-", NONE).verdict == FALLS
    assert explore(with_register(), "J2", ONE).verdict == FALLS


@pytest.mark.parametrize(
    ("name", "environment"),
    [
        ("V0", "A"),
        ("V1", "B"),
        ("V2", "A"),
        ("V3", "B"),
        ("V4", "T"),
        ("V4d", "T"),
        ("V4f", "C"),
        ("M0", "A"),
        ("RF", "A"),
        ("R1", "H"),
        ("R2n", "H"),
        ("R6r", "L"),
    ],
)
def test_a_naive_protocol_falls_and_the_way_there_is_told(name: str, environment: str) -> None:
    found = explore(NAIVELY[name], environment, Budget(1, 1, 1))
    assert found.verdict == FALLS
    assert len(found.trace) >= 3
    assert any("creates" in step for step in found.trace)


def test_two_runs_that_look_alike_keep_their_names_in_a_trace() -> None:
    found = explore(NAIVELY["V4"], "M", NONE)
    assert found.verdict == FALLS
    assert "2 jobs are paid" in found.why
    payers = {step.split()[1] for step in found.trace if "confirms" in step}
    assert len(payers) == 2


@pytest.mark.parametrize(("name", "environment"), [("V1", "A"), ("V3", "A"), ("V4", "C"), ("R1", "F")])
def test_a_naive_protocol_holds_where_nothing_bad_can_happen_to_it(name: str, environment: str) -> None:
    assert explore(NAIVELY[name], environment, ONE).verdict == HOLDS


@pytest.mark.parametrize("name", ["V2", "V3", "V4", "V4f", "R1", "R2n", "R6"])
@pytest.mark.parametrize("environment", ["C", "T", "H", "L"])
def test_the_moves_that_are_left_out_make_no_difference(name: str, environment: str) -> None:
    protocol = {**NAIVELY, "R6": with_register()}[name]
    world = replace(ENVIRONMENTS[environment], tries=(2,))
    verdicts, states = [], []
    for reduced in (True, False):
        search = exploring._Search(Moves(protocol, world, ONE, reduced=reduced), limit=200_000)
        found = search.run()
        verdicts.append(found.verdict)
        states.append(found.states)
    assert verdicts[0] == verdicts[1]
    assert states[0] <= states[1]


def test_a_search_that_is_cut_short_does_not_pass_for_a_proof() -> None:
    assert explore(with_register(), "H", ONE, limit=1_000).verdict == OPEN


def test_the_command_exits_with_1_when_a_claim_does_not_hold(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from proofs.model.claims import Run

    wrong = Run(NAIVELY["V0"], ENVIRONMENTS["A"], ONE, HOLDS)
    monkeypatch.setattr(command, "claimed", lambda: [wrong])
    monkeypatch.setattr(command, "naive", list)
    assert command.main(["--processes", "1"]) == 1
    shown = capsys.readouterr().out
    assert "NOT AS CLAIMED" in shown
    assert "jobs are paid for one letter" in shown


def test_the_command_exits_with_1_when_a_naive_protocol_falls_nowhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from proofs.model.claims import MUST_FALL, Run

    harmless = Run(NAIVELY["V1"], ENVIRONMENTS["A"], ONE, MUST_FALL)
    monkeypatch.setattr(command, "claimed", list)
    monkeypatch.setattr(command, "naive", lambda: [harmless])
    assert command.main(["--processes", "1"]) == 1
    assert "V1    falls in NONE" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("cut", "environment"), [(cuts.CHECK, "H"), (cuts.TRY_SLOT, "H"), (cuts.DECIDE, "C"), (cuts.FIND, "J3")]
)
def test_a_safeguard_that_is_cut_out_of_the_shipped_source_is_missed(cut: cuts.Cut, environment: str) -> None:
    cut_open = replace(with_register(submit=cuts.load(cut).submit), fenced=False)
    assert explore(cut_open, environment).verdict == FALLS


def test_without_its_settle_the_weaker_way_falls() -> None:
    assert explore(without_register(submit=cuts.load(cuts.SETTLE).submit), "T", NONE).verdict == FALLS


def test_a_cut_that_finds_nothing_to_take_out_is_an_error() -> None:
    def leave(function: ast.FunctionDef) -> None:
        assert function.name == "submit"

    with pytest.raises(ValueError, match="changes nothing"):
        cuts.load(cuts.Cut("air", "everything", "submit", leave))


def test_a_protocol_that_pays_without_its_fence_is_not_taken_for_a_fenced_one() -> None:
    with pytest.raises(AssertionError, match="not fenced"):
        explore(replace(NAIVELY["V2"], fenced=True), "C")
