"""An OpenAPI document as the fuzzer uses it: what can be called, and whether an answer keeps to it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

Schema = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """An answer as it came."""

    status: int
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def media(self) -> str:
        """The media type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Operation:
    """One method of one path of the document."""

    def __init__(self, document: Schema, path: str, method: str) -> None:
        item = document["paths"][path]
        self.path, self.method, self._document = path, method.upper(), document
        self.spec: Schema = item[method]
        self.name: str = self.spec["operationId"]
        self.base: str = item.get("servers", document["servers"])[0]["url"]
        self.query: dict[str, Schema] = {each["name"]: each["schema"] for each in self.spec["parameters"]}
        self._validators: dict[tuple[int, str, bool], Draft202012Validator] = {}

    @cached_property
    def body(self) -> Schema | None:
        """The schema of a JSON body."""
        content = self.spec.get("requestBody", {}).get("content", {})
        found: Schema | None = content.get("application/json", {}).get("schema")
        return found

    @cached_property
    def media(self) -> tuple[str, ...]:
        """What kinds of body there are."""
        return tuple(self.spec.get("requestBody", {}).get("content", {}))

    def described(self, body: Any) -> bool:
        """Whether the document knows such a body."""
        return self._body_validator.is_valid(body)

    def breach(self, reply: Reply, *, projected: bool) -> str | None:
        """Return what of an answer the document does not know, None when all is as described.

        :param projected: whether the call asked for some fields only; otherwise objects must be whole.
        """
        known = self.spec["responses"].get(str(reply.status))
        if known is None:
            return f"status {reply.status} is not described"
        media = {name.partition(";")[0]: content for name, content in known["content"].items()}
        if reply.media not in media:
            return f"{reply.media or 'no media type'} at {reply.status} is not described"
        if "schema" not in media[reply.media] or (reply.status == 410 and not reply.body):
            return None
        headers = known.get("headers", {}).items()
        missing = {name.lower() for name, header in headers if header["required"]} - reply.headers.keys()
        if missing:
            return f"the answer is without {', '.join(sorted(missing))}"
        try:
            body = json.loads(reply.body)
        except ValueError:
            return "the answer is no JSON"
        error = best_match(self._validator(reply, media[reply.media]["schema"], projected).iter_errors(body))
        return None if error is None else f"{error.json_path}: {error.message[:300]}"

    @cached_property
    def _body_validator(self) -> Draft202012Validator:
        return self._validator_of(self.body or {})

    def _validator(self, reply: Reply, schema: Schema, projected: bool) -> Draft202012Validator:
        key = (reply.status, reply.media, projected)
        if key not in self._validators:
            if not projected and "anyOf" in schema and _is_projection(schema["anyOf"]):
                schema = schema["anyOf"][0]
            self._validators[key] = self._validator_of(schema)
        return self._validators[key]

    def _validator_of(self, schema: Schema) -> Draft202012Validator:
        return Draft202012Validator({**schema, "components": self._document["components"]})


def operations(document: Schema) -> list[Operation]:
    """Return every operation of a document."""
    methods = ("get", "post", "put", "patch", "delete")
    return [
        Operation(document, path, method)
        for path, item in document["paths"].items()
        for method in methods
        if method in item
    ]


def _is_projection(alternatives: list[Schema]) -> bool:
    return any("Part" in alternative.get("$ref", "") for alternative in alternatives)
