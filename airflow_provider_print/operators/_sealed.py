"""Template fields whose values nobody may see.

Airflow stores the rendered value of every template field in its database and shows it to each reader of the
DAG. That is what one wants for a subject line, and not for the addresses and the text of a letter. A
`Private` field is still a template field, with Jinja, XComArgs, mapping and template files, but what the
operator holds is the value in a `Sealed` envelope that tells everybody who prints, serialises or logs it no
more than its size.
"""

from __future__ import annotations

import re
from collections.abc import Sized
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator, XComArg

from airflow_provider_print._compat import AirflowException, ResolveMixin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import jinja2
    from airflow.sdk import Context

TEMPLATE_FILES = (".html", ".txt")
_URL = re.compile(r"(?P<scheme>https?://)(?:[^/?#]*@)?(?P<host>[^/?#]*)(?P<path>[^?#]*)", re.IGNORECASE)


class Sealed(ResolveMixin):
    """A value, and what may be said about it.

    A `ResolveMixin`, because that is where Airflow looks for the earlier tasks that a field depends on.

    :param value: what is kept.
    :param noun: what it consists of, in the plural.
    :param files: whether a text that names a template file stands for the content of that file.
    :param name: the field, for errors.
    :param urls: whether a text is a URL of which only the query is hidden.
    """

    def __init__(
        self, value: Any, noun: str, *, files: bool = False, name: str = "", urls: bool = False
    ) -> None:
        self.value = value
        self.noun = noun
        self.files = files
        self.name = name
        self.urls = urls

    def __bool__(self) -> bool:
        return self.value is not None

    def __repr__(self) -> str:
        if isinstance(self.value, XComArg):
            return "(hidden: from an earlier task)"
        if self.urls and isinstance(self.value, str):
            return f"{_open_part(self.value)} (the rest is hidden)"
        if isinstance(self.value, str | bytes | bytearray):
            unit = "characters" if isinstance(self.value, str) else "bytes"
            return f"(hidden: {len(self.value):,} {unit})"
        if isinstance(self.value, Sized):
            return f"(hidden: {len(self.value):,} {self.noun})"
        return f"(hidden {self.noun})"

    __str__ = __repr__

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        """Yield the earlier tasks that the value needs."""
        return iter(XComArg.iter_xcom_references(self.value))

    def resolve(self, context: Context) -> Any:  # noqa: ARG002 - Airflow's signature
        """Return the envelope as it is: only `SealingOperator` knows what is rendered already."""
        return self

    def holding(self, value: Any) -> Sealed:
        """Return the same envelope around another value."""
        return Sealed(value, self.noun, files=self.files, name=self.name, urls=self.urls)

    @property
    def names_template_file(self) -> bool:
        """Whether the value is the name of a template file: one line that ends like one."""
        text = self.value
        return self.files and isinstance(text, str) and text.endswith(TEMPLATE_FILES) and "\n" not in text


class Private:
    """Descriptor of an attribute that seals what is set.

    :param noun: what the value consists of, in the plural.
    :param files: whether a text may name a template file.
    :param only: seals only values of which this is true; None seals every value but None.
    :param urls: whether a text that is sealed is a URL, whose host and path may be shown.
    """

    def __init__(
        self,
        noun: str,
        *,
        files: bool = False,
        only: Callable[[Any], bool] | None = None,
        urls: bool = False,
    ) -> None:
        self._noun = noun
        self._files = files
        self._only = only
        self._urls = urls

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name
        self._slot = f"_private_{name}"

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        try:
            return instance.__dict__[self._slot]
        except KeyError:
            raise AttributeError(self._slot) from None

    def __set__(self, instance: Any, value: Any) -> None:
        open_value = value is None or isinstance(value, Sealed) or (self._only and not self._only(value))
        if not open_value:
            value = Sealed(value, self._noun, files=self._files, name=self._name, urls=self._urls)
        instance.__dict__[self._slot] = value


def is_private_file(value: Any) -> bool:
    """Tell whether anything in a value is no file name to show.

    That is: raw bytes, and URLs with a query or a user in them, because a signed link is as good as the file.
    """
    if isinstance(value, dict):
        return any(is_private_file(part) for part in value.values())
    if isinstance(value, list | tuple):
        return any(is_private_file(part) for part in value)
    if isinstance(value, str):
        return _open_part(value) != value
    return isinstance(value, bytes | bytearray | memoryview)


def _open_part(text: str) -> str:
    """Return an http(s) URL without its user, query and fragment; any other text as it is."""
    parts = _URL.match(text.strip())
    return f"{parts['scheme']}{parts['host']}{parts['path']}" if parts else text


def unsealed(value: Any) -> Any:
    """Return what is in the envelope, or the value itself where there is none."""
    return value.value if isinstance(value, Sealed) else value


class SealingOperator(BaseOperator):
    """An operator that renders what is sealed, and keeps it sealed."""

    def render_template(
        self,
        content: Any,
        context: Context,
        jinja_env: jinja2.Environment | None = None,
        seen_oids: set[int] | None = None,
    ) -> Any:
        """Render a value; the inside of an envelope like any other, but no error may quote it.

        :param content: a value of a template field, or a part of one.
        :param context: what templates may use.
        :param jinja_env: Airflow's Jinja environment.
        :param seen_oids: ids of the values that are rendered already (those that mapping brought in): a
            recipient called `{{ ... }}` must stay a name.
        """
        if not isinstance(content, Sealed):
            return super().render_template(content, context, jinja_env, seen_oids)
        problem = None
        try:
            return content.holding(self._render_inside(content, context, jinja_env, seen_oids))
        except AirflowException:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a template does, its text must not be in the log
            problem = _without_text(error)
        raise ValueError(f"{content.name or content.noun} could not be rendered: {problem}")

    def _render_inside(
        self, sealed: Sealed, context: Context, env: jinja2.Environment | None, seen: set[int] | None
    ) -> Any:
        """Render what is in the envelope: a value, a function's answer (as it is), or a template file."""
        value = sealed.value
        if callable(value):
            return value(context=context, jinja_env=env)
        if sealed.names_template_file and id(value) not in (seen or ()):
            env = env or self.get_template_env()
            if env.loader is None:
                raise AirflowException("There is no folder to look for template files in.")
            value = env.loader.get_source(env, value)[0]
        return super().render_template(value, context, env, seen)


def _without_text(error: Exception) -> str:
    """Say what is wrong without quoting values or the template; only an unknown variable is named."""
    import jinja2

    if isinstance(error, jinja2.TemplateNotFound):
        return "there is no such template file in the folder of the DAG or its template_searchpath."
    if isinstance(error, jinja2.TemplateSyntaxError):
        return f"the template has a syntax error in line {error.lineno}."
    plain = isinstance(error, jinja2.UndefinedError) and re.fullmatch(
        r"'\w+' is undefined", error.message or ""
    )
    return f"{error}." if plain else type(error).__name__
