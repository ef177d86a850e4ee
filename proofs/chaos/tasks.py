"""The tasks that are put into the fire: the operator of this package, and what is common without it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import requests
from airflow.sdk import DAG, BaseOperator
from airflow.sdk.bases.resumablejobmixin import ResumableJobMixin

from airflow_provider_print.operators.intelliprint import IntelliprintSubmitPrintJobOperator
from proofs.chaos.service import API_KEY, WAITING_TASK

if TYPE_CHECKING:
    from airflow.sdk import Context

RETRIES = 60
FIRST_RUN = datetime(2026, 1, 1, tzinfo=UTC)
_TIMEOUT = 10.0
RECIPIENT = {"address": {"name": "A Reader", "line": "7 Any Road\nANYTOWN", "postcode": "AB1 2CD"}}


def run_of(letter: int) -> datetime:
    """Return the logical date of the run that posts a letter: one scheduled run for each."""
    return FIRST_RUN + timedelta(minutes=letter)


class _Plain(BaseOperator):
    """Posts as the quick start of the service does: one create with `confirmed=true`.

    :param url: of the service.
    :param path: of the file.
    """

    template_fields: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *, url: str, path: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.url = url
        self.path = path

    def execute(self, context: Context) -> Any:
        return self._post(context)

    def _post(self, context: Context) -> str:
        address = {f"recipients[0][address][{name}]": text for name, text in RECIPIENT["address"].items()}
        answer = requests.post(
            f"{self.url}/prints",
            headers={"Authorization": f"Bearer {API_KEY}"},
            data={"confirmed": "true", "reference": f"{self.task_id} {context['run_id']}", **address},
            files={"file": ("letter.pdf", Path(self.path).read_bytes(), "application/pdf")},
            timeout=_TIMEOUT,
        )
        answer.raise_for_status()
        made: str = answer.json()["id"]
        return made


class _Resumable(ResumableJobMixin, _Plain):  # type: ignore[misc]
    """The same create inside of Airflow's own mixin, which stores the id that it was answered."""

    external_id_key = "print_job_id"

    def execute(self, context: Context) -> Any:
        return self.execute_resumable(context)

    def submit_job(self, context: Context) -> str:
        return self._post(context)

    def get_job_status(self, external_id: Any, context: Context) -> str:  # noqa: ARG002 - the mixin's
        answer = requests.get(
            f"{self.url}/prints/{external_id}",
            headers={"Authorization": f"Bearer {API_KEY}"},
            timeout=_TIMEOUT,
        )
        answer.raise_for_status()
        return "confirmed" if answer.json()["confirmed"] else "draft"

    def is_job_active(self, status: str) -> bool:  # noqa: ARG002 - the mixin's
        return False

    def is_job_succeeded(self, status: str) -> bool:
        return status == "confirmed"

    def poll_until_complete(self, external_id: Any, context: Context) -> None:
        """Nothing: the post is not waited for."""

    def get_job_result(self, external_id: Any, context: Context) -> Any:  # noqa: ARG002 - the mixin's
        return external_id


def make(*, url: str, path: str) -> dict[str, Any]:
    """Return the operators by name.

    :param url: of the service.
    :param path: of the PDF that all letters consist of.
    """
    ours: dict[str, Any] = {"file": path, "recipients": [RECIPIENT], "retries": RETRIES}
    with DAG("chaos", schedule=None, start_date=FIRST_RUN):
        return {
            "ours": IntelliprintSubmitPrintJobOperator(
                task_id="posts", wait_for_completion=False, deferrable=False, **ours
            ),
            "ours, waiting": IntelliprintSubmitPrintJobOperator(
                task_id=WAITING_TASK,
                wait_for_completion=True,
                deferrable=True,
                poll_interval=1.0,
                wait_timeout=3600.0,
                **ours,
            ),
            "plain": _Plain(task_id="plain", url=url, path=path, retries=RETRIES),
            "mixin": _Resumable(task_id="mixin", url=url, path=path, retries=RETRIES),
        }


def write_pdf(path: Path, *, noise: bytes) -> None:
    """Write a PDF of one page whose size is that of the noise in it, so that its upload takes a while.

    :param noise: bytes that do not compress; they are in the file and on no page.
    """
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path), pagesize=A4, invariant=1, pageCompression=0)
    canvas.drawString(100, 500, "Dear reader, this letter comes once.")
    canvas.setSubject("".join(f"{byte:02x}" for byte in noise))
    canvas.showPage()
    canvas.save()
