"""Presets: faults and rules of the world that belong together, for who wants bad weather and no meteorology.

Chances are shares of all requests. A preset's faults have no end; its rules of the world hold until they are
changed or the sandbox is reset.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow_provider_print.sandbox.core import Sandbox


@dataclass(frozen=True)
class Preset:
    """One kind of weather.

    :param says: what it is like, in a sentence.
    :param world: rules of the world by name.
    :param faults: fault rules as data; `share` of them is the share of all requests that they are played on.
    """

    says: str
    world: dict[str, Any] = field(default_factory=dict)
    faults: tuple[dict[str, Any], ...] = ()

    def rules(self) -> list[dict[str, Any]]:
        """Return the fault rules, each with the chance that it needs: the earlier ones take theirs first."""
        rules, left = [], 1.0
        for fault in self.faults:
            share = fault["share"]
            rest = {name: value for name, value in fault.items() if name != "share"}
            rules.append({"times": None, "probability": min(1.0, share / left), **rest})
            left -= share
        return rules


PRESETS: dict[str, Preset] = {
    "lossy": Preset(
        "A bad line: 8 % of the requests are lost before the service acts, 12 % of the answers after it.",
        faults=(
            {"share": 0.08, "phase": "before", "kind": "reset"},
            {"share": 0.06, "phase": "after", "kind": "reset"},
            {"share": 0.06, "phase": "after", "kind": "close"},
        ),
    ),
    "chaos": Preset(
        "All that breaks a protocol for paid jobs: lost requests and answers, late and double execution,"
        " lists that lag, ids in no order.",
        world={"list_lag_s": 0.25, "created_resolution_s": 1, "id_order": "random"},
        faults=(
            {"share": 0.08, "phase": "before", "kind": "reset"},
            {"share": 0.12, "phase": "after", "kind": "reset"},
            {"share": 0.06, "phase": "late", "kind": "close", "delay": 0.5, "sigma": 0.5},
            {"share": 0.02, "phase": "twice", "method": "POST"},
            {"share": 0.02, "phase": "before", "status": 502, "proxy": True},
            {"share": 0.02, "phase": "after", "status": 504, "proxy": True},
        ),
    ),
    "proxy-errors": Preset(
        "A front end that fails with pages of HTML: 502 and 503 before the service has acted, 504 after it.",
        faults=(
            {"share": 0.05, "phase": "before", "status": 502, "proxy": True},
            {"share": 0.05, "phase": "before", "status": 503, "proxy": True, "headers": {"Retry-After": "1"}},
            {"share": 0.05, "phase": "after", "status": 504, "proxy": True},
        ),
    ),
    "slow": Preset(
        "Every answer takes about half a second, a few take many; some come letter by letter.",
        faults=(
            {"share": 0.05, "phase": "after", "kind": "dribble", "bytes": 64, "pause": 0.02},
            {"share": 0.95, "phase": "after", "kind": "delay", "delay": 0.5, "sigma": 0.8},
        ),
    ),
    "vendor-100-per-min": Preset(
        "Intelliprint's limit as documented: 100 calls a minute, then 429; no word on how long to wait.",
        world={"rate_limit": 100, "rate_rule": "minute", "limiter": "fixed", "retry_after": False},
    ),
    "vendor-per-second": Preset(
        "Intelliprint's limit in newer documentation: 10 calls a second about test jobs, 50 about live.",
        world={"rate_limit": 100, "rate_rule": "second", "limiter": "fixed", "retry_after": False},
    ),
}


def use(sandbox: Sandbox, name: object) -> dict[str, Any]:
    """Bring a preset about, and return it as plain data with the rules that were added.

    :raises ValueError: for a name that there is not.
    """
    preset = PRESETS.get(name) if isinstance(name, str) else None
    if preset is None or not isinstance(name, str):
        raise ValueError(f"preset is one of: {', '.join(PRESETS)}")
    sandbox.set_rules(preset.world)
    ids = {rule.id for rule in sandbox.faults.add_preset(name, preset.rules())}
    added = [rule for rule in sandbox.faults.as_dicts() if rule["id"] in ids]
    return {"preset": name, "says": preset.says, "world": dict(preset.world), "faults": added}


def listing() -> list[dict[str, Any]]:
    """Return all presets as plain data."""
    return [
        {"name": name, "says": preset.says, "world": dict(preset.world), "faults": len(preset.faults)}
        for name, preset in PRESETS.items()
    ]
