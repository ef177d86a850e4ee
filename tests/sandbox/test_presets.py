from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
import requests

from airflow_provider_print.sandbox.faults import Faults, RequestView
from airflow_provider_print.sandbox.presets import PRESETS

if TYPE_CHECKING:
    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api


@pytest.mark.behaviour("sandbox.presets")
@pytest.mark.parametrize("name", sorted(PRESETS))
def test_a_preset_brings_its_faults_and_its_rules_of_the_world(
    print_sandbox: PrintSandbox, api: Api, name: str
) -> None:
    url = f"{print_sandbox.url}/_sandbox"
    answer = api.post(f"{url}/faults", json={"preset": name})
    assert answer.status_code == 201
    made = answer.json()
    assert (made["preset"], len(made["faults"])) == (name, len(PRESETS[name].faults))
    assert api.get(f"{url}/faults").json()["faults"] == made["faults"]
    world = print_sandbox.world()
    assert {rule: world[rule] for rule in made["world"]} == made["world"]
    assert made["world"] or made["faults"]
    again = print_sandbox.preset(name)["faults"]  # in the place of the first ones
    assert print_sandbox.sandbox.faults.as_dicts() == again
    assert [rule | {"id": 0} for rule in again] == [rule | {"id": 0} for rule in made["faults"]]
    print_sandbox.clear_faults()


@pytest.mark.behaviour("sandbox.presets")
def test_presets_are_listed_and_others_refused(print_sandbox: PrintSandbox, api: Api) -> None:
    listed = api.get(f"{print_sandbox.url}/_sandbox/presets").json()["presets"]
    names = {one["name"] for one in listed}
    assert names >= {"lossy", "vendor-100-per-min", "chaos", "proxy-errors", "slow"}
    assert all(one["says"].endswith(".") for one in listed)
    for wrong in ("calm", 5, None):
        refused = api.post(f"{print_sandbox.url}/_sandbox/faults", json={"preset": wrong})
        assert refused.status_code == 400
        assert "lossy" in refused.json()["error"]
    assert (
        api.post(f"{print_sandbox.url}/_sandbox/faults", json={"preset": "slow", "x": 1}).status_code == 400
    )
    with pytest.raises(ValueError, match="preset is one of"):
        print_sandbox.preset("calm")


@pytest.mark.parametrize("name", [name for name, preset in PRESETS.items() if preset.faults])
def test_each_fault_of_a_preset_is_played_on_its_share_of_all_requests(name: str) -> None:
    faults = Faults(seed=1)
    rules = faults.add_preset(name, PRESETS[name].rules())
    request = RequestView("intelliprint", "POST", "/intelliprint/v1/prints")
    played = Counter(rule.id for _ in range(20_000) if (rule := faults.choose(request)) is not None)
    for rule, fault in zip(rules, PRESETS[name].faults, strict=True):
        assert played[rule.id] / 20_000 == pytest.approx(fault["share"], abs=0.01)


def test_a_lossy_line_loses_requests_and_answers_and_lets_the_rest_through(
    print_sandbox: PrintSandbox, api: Api
) -> None:
    print_sandbox.preset("lossy")
    answers = []
    for _ in range(100):
        with suppress(requests.ConnectionError):
            answers.append(api.post("/prints", json={"content": "Hello"}).status_code)
    journal = print_sandbox.journal()
    lost_before = sum(not entry["executed"] for entry in journal)
    lost_after = sum(entry["executed"] and not entry["answer_sent"] for entry in journal)
    assert set(answers) == {200}
    assert lost_before + lost_after + len(answers) == len(journal) == 100
    assert lost_before > 0
    assert lost_after > 0


def test_the_limit_of_the_vendor_holds_and_does_not_say_for_how_long(
    print_sandbox: PrintSandbox, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    print_sandbox.preset("vendor-100-per-min")
    monkeypatch.setattr(print_sandbox.sandbox.clock, "_real", lambda: 1_800_000_000.0)
    statuses = Counter(api.get("/prints").status_code for _ in range(103))
    assert statuses == {200: 100, 429: 3}
    assert "Retry-After" not in api.get("/prints").headers
