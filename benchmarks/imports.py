"""What a DAG file pays for importing operators: modules and milliseconds beyond `airflow.sdk`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from benchmarks.report import Figure

if TYPE_CHECKING:
    from benchmarks.report import Report

_OURS = (
    "airflow_provider_print.operators.intelliprint, airflow_provider_print.operators.printful, "
    "airflow_provider_print.sensors.intelliprint, airflow_provider_print.sensors.printful"
)
_PEERS = {
    "HTTP": "airflow.providers.http.operators.http, airflow.providers.http.sensors.http",
    "dbt Cloud": "airflow.providers.dbt.cloud.operators.dbt, airflow.providers.dbt.cloud.sensors.dbt",
}
# A DAG file has DAG and BaseOperator, so what these bring is there already.
_SCRIPT = """
import json, sys, time
from airflow.sdk import DAG, BaseOperator, BaseSensorOperator
before = set(sys.modules)
begin = time.perf_counter()
import {modules}
taken = time.perf_counter() - begin
new = sorted({{name.split(".")[0] for name in set(sys.modules) - before}})
more = len(set(sys.modules) - before)
print(json.dumps([taken, more, [name for name in new if name not in sys.stdlib_module_names]]))
"""
MILLISECONDS = 30
_NO_STRANGERS = ("airflow", "airflow_provider_print")


def imports(report: Report) -> None:
    """Measure all our operators and sensors, and those of two other providers."""
    report.configuration["imports"] = (
        "a fresh process each, after `from airflow.sdk import DAG, BaseOperator, BaseSensorOperator`; "
        f"HTTP: {_PEERS['HTTP']}; dbt Cloud: {_PEERS['dbt Cloud']}; best of the rounds"
    )
    mine = _measured(_OURS, report.options.rounds)
    others = {name: _measured(modules, report.options.rounds) for name, modules in _PEERS.items()}
    report.add(
        Figure(
            what="third-party modules that importing our operators adds to airflow.sdk",
            goal="0",
            ours=_names(mine[2]),
            met=not mine[2],
            peers={name: f"{_names(one[2])} ({one[1]} modules in all)" for name, one in others.items()},
        )
    )
    report.add(
        Figure(
            what="milliseconds that importing our operators adds to airflow.sdk",
            goal=f"under {MILLISECONDS} ms",
            ours=f"{mine[0] * 1000:.0f} ms ({mine[1]} modules)",
            met=mine[0] * 1000 < MILLISECONDS,
            peers={name: f"{one[0] * 1000:.0f} ms" for name, one in others.items()},
            ratio=f"{mine[0] / others['HTTP'][0]:.2f} of HTTP",
        )
    )


def _measured(modules: str, rounds: int) -> tuple[float, int, list[str]]:
    """Return the seconds, the modules and the names of packages that are neither Python's nor the own."""
    seconds: list[float] = []
    # Packages are compiled once, when they are installed or first imported: that is the first round.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for _ in range(rounds + 1):
        command = [sys.executable, "-c", _SCRIPT.format(modules=modules)]
        told = subprocess.run(command, capture_output=True, text=True, check=True, env=env).stdout
        taken, more, names = json.loads(told.splitlines()[-1])
        seconds.append(taken)
    return min(seconds), more, [name for name in names if name not in _NO_STRANGERS]


def _names(names: list[str]) -> str:
    return f"{len(names)} ({', '.join(names)})" if names else "0"
