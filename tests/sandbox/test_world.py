from __future__ import annotations

import pytest

from airflow_provider_print.sandbox.store import Store
from airflow_provider_print.sandbox.world import Ids, World


def ids(seed: int | None = 1, **rules: object) -> Ids:
    world = World()
    world.update(rules)
    return Ids(seed=seed, store=Store(), world=world)


def test_the_same_seed_gives_the_same_ids() -> None:
    assert ids(7).text("print_", 21) == ids(7).text("print_", 21)
    assert ids(7).text("print_", 21) != ids(8).text("print_", 21)


def test_ids_of_one_kind_do_not_depend_on_those_of_another() -> None:
    first, second = ids(7), ids(7)
    first.text("req_", 16)
    assert first.text("print_", 21) == second.text("print_", 21)


def test_ids_without_a_seed_differ() -> None:
    assert ids(None).text("x", 21) != ids(None).text("x", 21)


@pytest.mark.parametrize(("order", "reverse"), [("ascending", False), ("descending", True)])
def test_ids_sort_as_the_world_has_it(order: str, reverse: bool) -> None:
    maker = ids(id_order=order)
    made = [maker.text("print_", 21) for _ in range(200)]
    assert made == sorted(made, reverse=reverse)
    assert {len(one) for one in made} == {27}


def test_numbers_grow() -> None:
    maker = ids()
    made = [maker.number() for _ in range(50)]
    assert made == sorted(set(made))


def test_ids_do_not_come_again_after_a_restart_with_the_same_seed() -> None:
    store, world = Store(), World()
    before = Ids(seed=1, store=store, world=world)
    after = Ids(seed=1, store=store, world=world)
    assert before.text("print_", 21) != after.text("print_", 21)
    assert before.number() < after.number()


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("nonsense", 1),
        ("reconfirm", 418),
        ("created_status", 201.0),
        ("series_base", True),
        ("id_order", ["random"]),
        ("id_order", "sideways"),
        ("list_lag_s", -1),
        ("rate_limit", True),
        ("test_letters_move", 1),
    ],
)
def test_a_rule_that_is_none_is_refused_and_changes_nothing(rule: str, value: object) -> None:
    world = World()
    with pytest.raises(ValueError, match=rule):
        world.update({"list_lag_s": 5, rule: value})
    assert world == World()
