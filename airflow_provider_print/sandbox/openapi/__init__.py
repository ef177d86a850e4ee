"""OpenAPI 3.1 documents of the services, made from the tables with which the sandbox reads and answers."""

from __future__ import annotations

from typing import Any

from airflow_provider_print.sandbox.openapi.intelliprint import intelliprint
from airflow_provider_print.sandbox.openapi.printful import printful

DOCUMENTS = {"intelliprint": intelliprint, "printful": printful}


def document(service: str, origin: str) -> dict[str, Any]:
    """Return the OpenAPI document of a service.

    :param service: `intelliprint` or `printful`.
    :param origin: `http://host:port` of the sandbox as the client writes it.
    :raises LookupError: for another service.
    """
    if service not in DOCUMENTS:
        raise LookupError(f"there is no such document; there are: {', '.join(DOCUMENTS)}")
    return DOCUMENTS[service](origin)
