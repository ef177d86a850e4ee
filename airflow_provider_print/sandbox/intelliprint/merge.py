"""Files put one behind the other."""

from __future__ import annotations

from airflow_provider_print.sandbox import pdf
from airflow_provider_print.sandbox.core import Answer, Sandbox, SandboxRequest
from airflow_provider_print.sandbox.intelliprint import fields, files, listing
from airflow_provider_print.sandbox.intelliprint.errors import invalid, missing


def merge(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    """Merge files into one PDF behind a link; the link's name is a rule of the world (both observed)."""
    params = listing.read_body(sandbox, request, fields.MERGE)
    given = params.get("files") or []
    if not given:
        raise missing("files")
    uploads = [files.receive(sandbox, item, f"files[{number}]") for number, item in enumerate(given)]
    try:
        merged = pdf.merge([upload.data for upload in uploads])
    except pdf.UnreadableFile as error:
        raise invalid("files", f"The files cannot be merged ({error.reason})") from None
    with sandbox.store.transaction():
        name = sandbox.ids.text("merge_", 21)
        sandbox.store.put("merge", name, {"id": name, "sha": sandbox.store.put_blob(merged)})
    link = files.link(sandbox, request.origin, "merges", name)
    return Answer(body={"id": name, "object": "merge", sandbox.world.merge_link: link})
