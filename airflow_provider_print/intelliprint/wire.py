"""From a request to the form in which the service reads it.

Without a file everything is JSON. With one it is a multipart form, where a nested value has a name with
brackets (`recipients[0][address][line]`, documented) and `null` cannot be said at all, so what is to be
cleared needs a call of its own. Lists are filtered with dotted names (`letters.status`) and projected with
`fields[]`, as the official client does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from airflow_provider_print.core.documents import Document, RemoteFile
from airflow_provider_print.core.errors import InputError
from airflow_provider_print.core.multipart import Body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    OpenFile = Callable[..., Document | RemoteFile]


_PRIVATE = {"content", "address", "variables"}


def body_of(tree: Mapping[str, Any]) -> Body:
    """Make the body of a call.

    :param tree: plain values; a `Document` in it makes the body a form, a `RemoteFile` becomes its URL
    """
    private = tuple(_private(tree))
    files = [(_bracketed(path), value) for path, value in _leaves(tree) if isinstance(value, Document)]
    if not files:
        return Body.of_json(_json(tree), private=private)
    fields: list[tuple[str, str]] = []
    for path, value in _leaves(tree):
        if value is None and isinstance(path[0], str):
            raise InputError(
                f"{path[0]} cannot be cleared in a call that uploads a file.",
                param=path[0],
                advice="Clear it with a call of its own.",
            )
        if isinstance(value, RemoteFile):
            fields.append((_bracketed((*path, "url")), value.url))
        elif not isinstance(value, Document):
            fields.append((_bracketed(path), _text(value)))
    return Body.of_form(fields, files, private=private)


def tree_of(request: BaseModel, open_file: OpenFile, *, clear: bool = False) -> dict[str, Any]:
    """Turn a request into plain values, with its files opened.

    :param request: a model of `requests`
    :param open_file: turns a source into a document
    :param clear: keep what was given as `None`, which clears it; otherwise it is left out
    """
    tree = _plain(request, clear=clear)
    if tree.get("file") is not None:
        tree["file"] = open_file(tree["file"], param="file")
    for index, extra in enumerate(tree.get("extra_documents") or []):
        place = f"extra_documents[{index}].document"
        opened = open_file(extra["document"], param=place)
        if isinstance(opened, RemoteFile):
            raise InputError(
                "An extra document cannot be a URL: the service takes the file itself here.", param=place
            )
        extra["document"] = opened
    return tree


def query_of(filters: Mapping[str, Any], fields: Sequence[str] | None = None) -> list[tuple[str, str]]:
    """Make a query; what is `None` is left out.

    :param filters: by the names of the service; a list is joined with commas
    :param fields: dotted names of what is wanted; the id always comes with it
    """
    query: list[tuple[str, str]] = []
    for name, value in filters.items():
        if value is None:
            continue
        joined = ",".join(map(str, value)) if isinstance(value, list | tuple | set | frozenset) else None
        query.append((name, _text(value) if joined is None else joined))
    if fields is not None:
        fields = [fields] if isinstance(fields, str) else fields
        query += [("fields[]", name) for name in dict.fromkeys(("id", *fields))]
    return query


def _plain(model: BaseModel, *, clear: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        if name not in model.model_fields_set or (value is None and not clear):
            continue
        found[name] = _value(value, clear=clear)
    return found


def _value(value: Any, *, clear: bool) -> Any:
    if isinstance(value, BaseModel):
        return _plain(value, clear=clear)
    if isinstance(value, list):
        return [_value(one, clear=clear) for one in value]
    return dict(value) if isinstance(value, dict) else value


def _json(value: Any) -> Any:
    if isinstance(value, RemoteFile):
        return {"url": value.url}
    if isinstance(value, dict):
        return {name: _json(one) for name, one in value.items()}
    return [_json(one) for one in value] if isinstance(value, list) else value


def _leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _leaves(one, (*path, name))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _leaves(one, (*path, index))
    else:
        yield path, value


def _bracketed(path: tuple[str | int, ...]) -> str:
    return str(path[0]) + "".join(f"[{part}]" for part in path[1:])


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _private(tree: Mapping[str, Any]) -> Iterator[str]:
    """Yield the texts that must not come back in a message: content, addresses, variables, links to files."""
    for path, value in _leaves(tree):
        if isinstance(value, RemoteFile):
            yield value.url
        elif isinstance(value, str) and path[-1] != "country" and not _PRIVATE.isdisjoint(path):
            yield value
