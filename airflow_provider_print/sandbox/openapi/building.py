"""What both documents are made of: operations, closed objects, parameters, answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Schema = dict[str, Any]
Answers = dict[int, Any]
Headers = Callable[[int], dict[str, Schema]]

JSON = "application/json"
TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
MOMENT: Schema = {"type": "integer", "description": "UNIX seconds."}
LINK: Schema = {"type": "string", "format": "uri", "pattern": "^https?://"}


def closed(properties: dict[str, Schema], *, optional: tuple[str, ...] = ()) -> Schema:
    """Return the schema of an object that has these properties and no other one.

    :param optional: the names that may be left out.
    """
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def nullable(schema: Schema) -> Schema:
    """Return the schema with null allowed."""
    if "enum" in schema:
        return {"enum": [*schema["enum"], None]}
    if isinstance(schema.get("type"), str):
        return schema | {"type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def words(*allowed: str) -> Schema:
    """Return the schema of one of some words."""
    return {"type": "string", "enum": list(allowed)}


def always(value: Any) -> Schema:
    """Return the schema of a value that is always the same."""
    return {"const": value}


def list_of(item: Schema) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": item}


def ref(name: str) -> Schema:
    """Return a reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


@dataclass(frozen=True)
class Operation:
    """One method of one path.

    :param name: the `operationId`.
    :param says: what it is for, one line.
    :param answers: what is answered with each status: the schema of a JSON answer, or a media type such as
        `image/png`, or a tuple of both kinds and of `{media type: schema}`.
    :param query: schema of each parameter of the query.
    :param body: schema of the body; None for none.
    :param media: the media types that the body may have.
    :param security: overrides that of the document; an empty tuple for none.
    :param server: base URL, when it is another one than the document's.
    :param bare: whether its answers are without the headers that the others have.
    """

    method: str
    path: str
    name: str
    says: str
    answers: Answers
    query: dict[str, Schema] = field(default_factory=dict)
    body: Schema | None = None
    body_required: bool = True
    media: tuple[str, ...] = (JSON,)
    security: tuple[dict[str, list[str]], ...] | None = None
    server: str | None = None
    bare: bool = False


def document(
    operations: tuple[Operation, ...],
    *,
    title: str,
    version: str,
    description: str,
    server: str,
    schemas: dict[str, Schema],
    headers: Headers,
    security: dict[str, Schema],
) -> Schema:
    """Return an OpenAPI 3.1 document.

    :param headers: which ones an answer has, by its status; `?` is behind the name of one that may be absent.
    :param security: the schemes, one of which is enough.
    """
    paths: Schema = {}
    for operation in operations:
        item = paths.setdefault(operation.path, {"parameters": _path_parameters(operation.path)})
        if operation.server is not None:
            item["servers"] = [{"url": operation.server}]
        item[operation.method.lower()] = _operation(operation, headers)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": description},
        "servers": [{"url": server}],
        "security": [{name: []} for name in security],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": security},
    }


def _operation(operation: Operation, headers: Headers) -> Schema:
    made: Schema = {
        "operationId": operation.name,
        "summary": operation.says,
        "parameters": [_query(name, schema) for name, schema in operation.query.items()],
        "responses": {
            str(status): _answer(status, answer, {} if operation.bare else headers(status))
            for status, answer in sorted(operation.answers.items())
        },
    }
    if operation.body is not None:
        made["requestBody"] = {
            "required": operation.body_required,
            "content": {media: _content(media, operation.body) for media in operation.media},
        }
    if operation.security is not None:
        made["security"] = list(operation.security)
    return made


def _content(media: str, schema: Schema) -> Schema:
    """Nested fields of a form have their path in brackets."""
    if media == JSON or not schema.get("properties"):
        return {"schema": schema}
    nested = {name: {"style": "deepObject", "explode": True} for name in schema["properties"]}
    return {"schema": schema, "encoding": nested}


def _query(name: str, schema: Schema) -> Schema:
    made = {"name": name, "in": "query", "schema": schema}
    return made | ({"style": "form", "explode": True} if schema.get("type") == "array" else {})


def _path_parameters(path: str) -> list[Schema]:
    names = [part.partition("}")[0] for part in path.split("{")[1:]]
    return [{"name": name, "in": "path", "required": True, "schema": TEXT} for name in names]


def _answer(status: int, answer: Any, headers: dict[str, Schema]) -> Schema:
    kinds = answer if isinstance(answer, tuple) else (answer,)
    content: Schema = {}
    for kind in kinds:
        if isinstance(kind, str):
            content[kind] = {}
        elif len(kind) == 1 and "/" in next(iter(kind)):
            content |= {media: {"schema": schema} for media, schema in kind.items()}
        else:
            content[JSON] = {"schema": kind}
    made: Schema = {"description": _MEANINGS.get(status, "Refused."), "content": content}
    if headers:
        made["headers"] = {
            name.rstrip("?"): {"schema": schema, "required": not name.endswith("?")}
            for name, schema in headers.items()
        }
    return made


_MEANINGS = {
    200: "Done.",
    202: "Deleted.",
    400: "The request is wrong.",
    401: "No valid credential.",
    402: "The account cannot pay.",
    403: "The credential does not allow it.",
    404: "There is no such thing.",
    410: "Removed for good; the body may be empty.",
    413: "The body is too large.",
    419: "Warning: nearly too many calls.",
    429: "Too many calls.",
    500: "The service failed.",
}
