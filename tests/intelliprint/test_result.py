"""The result of a print job: small, plain, and without anybody's address."""

from __future__ import annotations

import json

from airflow_provider_print.intelliprint.models import PrintJob
from airflow_provider_print.intelliprint.result import PrintJobResult

LETTER = {"status": "sent", "address": {"name": "Ada Marker", "line": "7 Any Road"}, "pages": 2, "sheets": 1}


def job_of(letters: int) -> PrintJob:
    cost = {"amount": 84_000_000, "tax": 16_800_000, "after_tax": 100_800_000, "currency": "GBP"}
    rows = [{**LETTER, "id": f"ltr_{n}"} for n in range(letters)]
    fields = {
        "id": "print_1",
        "reference": "r",
        "confirmed": True,
        "testmode": False,
        "pages": 2,
        "sheets": 1,
    }
    return PrintJob.model_validate({**fields, "letters": rows, "cost": cost})


def test_the_result_is_below_4_kb_for_any_number_of_letters_and_knows_no_address() -> None:
    told = json.dumps(PrintJobResult.from_job(job_of(10_000)).as_dict())
    assert len(told) < 4096
    assert "Marker" not in told
    assert json.loads(told)["letters"] == {"sent": 10_000}


def test_the_summary_is_one_line_with_the_cost_in_pounds() -> None:
    summary = PrintJobResult.from_job(job_of(2)).summary
    assert summary == "print job print_1: 2 sent, 2 pages on 1 sheets, 1.008 GBP with VAT"
