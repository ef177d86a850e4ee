"""Customers from a CSV, read on the worker, so that no address passes through XCom."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any


def read_customers(folder: str) -> dict[str, dict[str, str]]:
    """Return the rows of `customers.csv` by customer number."""
    with (Path(folder) / "customers.csv").open(newline="", encoding="utf-8") as file:
        return {row["number"]: row for row in csv.DictReader(file)}


def recipient(row: dict[str, str]) -> dict[str, Any]:
    """Return one row as a recipient; a newline in `line` is a new line on the envelope, a comma is not."""
    lines = [row["address_1"], row["address_2"], row["town"]]
    return {
        "address": {
            "name": row["name"],
            "line": "\n".join(line for line in lines if line),
            "postcode": row["postcode"],
            "country": row["country"],
        }
    }
