"""The API key on its way into a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests.auth import AuthBase

if TYPE_CHECKING:
    from collections.abc import Mapping

    import requests


class ApiKeyAuth(AuthBase):
    """Puts an API key on requests: an object, so that nothing else replaces it, and it prints as nothing.

    :param value: of the header `Authorization`
    :param headers: further headers that select an account
    """

    def __init__(self, value: str, headers: Mapping[str, str] | None = None) -> None:
        self._value = value
        self._headers = dict(headers or {})

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the headers."""
        request.headers["Authorization"] = self._value
        request.headers.update(self._headers)
        return request

    def __repr__(self) -> str:
        return "ApiKeyAuth(***)"
