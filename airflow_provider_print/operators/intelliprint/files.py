"""Files that the service makes: merged documents, and the letters as they will be printed."""

from __future__ import annotations

import csv
import io
import re
import time
from typing import TYPE_CHECKING, Any

from airflow_provider_print.operators._sealed import Private, is_private_file, unsealed
from airflow_provider_print.operators.intelliprint._base import (
    IntelliprintOperator,
    PrintJobOperator,
    names_field,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import Context, ObjectStoragePath

    from airflow_provider_print.intelliprint.models import Letter, PrintJob

_LINKS_LIVE = 45 * 60
_COLUMNS = ("letter_id", "status", "cost_after_tax_gbp", "tracking_number", "pages", "file")


class IntelliprintMergeFilesOperator(IntelliprintOperator):
    """Makes one PDF of several files and leaves it on a path or in an object storage.

    :param files: paths, storage URLs or bytes, in their order; or all of them http(s) URLs.
    :param target: path or storage URL of the merged file.
    :return: `path`, and `size` in bytes.
    """

    template_fields: Sequence[str] = ("files", "target", *IntelliprintOperator.template_fields)

    files = Private("files", only=is_private_file)

    def __init__(self, *, files: Any, target: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.files = files
        self.target = target

    def carry_out(self, context: Context) -> dict[str, Any]:  # noqa: ARG002 - Airflow's signature
        """Merge, and fetch the result."""
        from airflow_provider_print.operators._storage import (
            make_folder,
            refuse_folder,
            target_path,
            write_whole,
        )

        files = unsealed(self.files)
        path = target_path(self.target, param="target")
        refuse_folder(path, param="target")
        one = isinstance(files, str | bytes | dict) or not hasattr(files, "__iter__")
        make_folder(path.parent, param="target")
        merged = self.hook.merge_files(files if one else list(files))
        size = write_whole(path, lambda file: self.hook.download(merged.link, file))
        self.log.info("Merged into %s: %d bytes", path, size)
        return {"path": str(path), "size": size}


class IntelliprintSaveLettersOperator(PrintJobOperator):
    """Saves each letter of a print job as the PDF that is printed, and a table of them.

    The links to the PDFs live for an hour, so a large job is read again on the way. The host they lead to
    never gets the API key. The table is written last: where it is, everything is. It tells no addresses.

    :param print_job_id: id of the job, or the result of the task that made it.
    :param target: folder, as a path or a storage URL.
    :param table: name of the CSV file in that folder, with letter id, status, cost with VAT in GBP, tracking
        number, pages, and name of the PDF.
    :return: `id`, `letters`, `saved`, `target`, `table`.
    """

    template_fields: Sequence[str] = ("print_job_id", "target", "table", *PrintJobOperator.template_fields)

    def __init__(self, *, print_job_id: Any, target: str, table: str = "letters.csv", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.print_job_id = print_job_id
        self.target = target
        self.table = table

    def carry_out(self, context: Context) -> dict[str, Any]:
        """Fetch the letters one after the other."""
        from airflow_provider_print.operators._storage import (
            file_name,
            make_folder,
            refuse_folder,
            target_path,
            write_whole,
        )

        folder = target_path(self.target, param="target")
        table = folder / file_name(self.table, param="table")
        refuse_folder(table, param="table")
        self.announce(context, self.one_job(self.print_job_id))
        with names_field("print_job_id"):
            links = _Links(self.hook, str(self._print_job_id))
        make_folder(folder, param="target")
        table.unlink(missing_ok=True)
        rows = []
        for number, letter in enumerate(links.job.letters, 1):
            name = _file_name(number, letter) if letter.pdf else ""
            if name:
                self._save(links, letter, folder / name)
            else:
                self.log.warning("Letter %s of %s has no PDF (any more).", letter.id, self._print_job_id)
            rows.append(_row(letter, name))
        text = _csv(rows).encode()
        write_whole(table, lambda file: file.write(text))
        saved = sum(1 for row in rows if row[-1])
        self.log.info("Saved %d of %d letters of %s in %s", saved, len(rows), self._print_job_id, folder)
        return {
            "id": self._print_job_id,
            "letters": len(rows),
            "saved": saved,
            "target": str(folder),
            "table": str(table),
        }

    def _save(self, links: _Links, letter: Letter, path: ObjectStoragePath) -> None:
        from airflow_provider_print.core.errors import ApiError
        from airflow_provider_print.operators._storage import write_whole

        try:
            link = links.of(letter)
            write_whole(path, lambda file: self.hook.download(link, file))
        except ApiError as error:
            self.log.info(
                "The link of letter %s does not work (any more), reading the job again: %s", letter.id, error
            )
            links.renew()
            link = links.of(letter)
            write_whole(path, lambda file: self.hook.download(link, file))


class _Links:
    """Links to the letters' PDFs, read again before they die.

    :param hook: reads the job.
    :param print_job_id: id of the job.
    """

    def __init__(self, hook: Any, print_job_id: str) -> None:
        self._hook = hook
        self._id = print_job_id
        self.renew()

    def renew(self) -> None:
        """Read the job again."""
        self.job: PrintJob = self._hook.get_print_job(self._id)
        self._read_at = time.monotonic()
        self._links = {letter.id: letter.pdf for letter in self.job.letters}

    def of(self, letter: Letter) -> str:
        """Return a link that lives."""
        if time.monotonic() - self._read_at > _LINKS_LIVE:
            self.renew()
        return self._links.get(letter.id) or letter.pdf or ""


def _file_name(number: int, letter: Letter) -> str:
    """Return a name that sorts in the order of the letters; the id comes from outside and may be no path."""
    safe = re.sub(r"[^A-Za-z0-9_-]", "_", letter.id or "letter")[:80]
    return f"{number:05d}-{safe}.pdf"


def _row(letter: Letter, name: str) -> tuple[str, ...]:
    cost = f"{letter.cost.pounds}" if letter.cost else ""
    return (
        letter.id or "",
        letter.status or "",
        cost,
        letter.tracking_number or "",
        str(letter.pages or ""),
        name,
    )


def _csv(rows: list[tuple[str, ...]]) -> str:
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(_COLUMNS)
    writer.writerows(rows)
    return table.getvalue()
