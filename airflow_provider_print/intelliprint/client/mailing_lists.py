"""Mailing lists and their recipients: addresses that the service keeps.

A recipient that is there twice is a second letter to one person. The service keeps no name of ours beside a
recipient, so after a lost answer nothing tells our own from an equal one. Whatever adds recipients is
therefore sent once, and a lost answer is an error that says how to go on.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from airflow_provider_print.core.errors import InputError, UnknownOutcomeError
from airflow_provider_print.core.identifiers import check_id
from airflow_provider_print.intelliprint.client.base import ClientBase, SortOrder, check_line, every
from airflow_provider_print.intelliprint.models import Deleted, MailingList, MailingListRecipient, Page
from airflow_provider_print.intelliprint.options import RecipientUpdate
from airflow_provider_print.intelliprint.requests import build_recipients
from airflow_provider_print.intelliprint.wire import tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from airflow_provider_print.intelliprint.requests import RecipientRequest

    Rows = Sequence[RecipientRequest | Mapping[str, Any]]

_LIST_ID = "mailing_list_id"
_RECIPIENT_ID = "recipient_id"

_LOST_LIST = (
    "Look for it by its name with iterate_mailing_lists before making it again: it may be there, with all "
    "its addresses."
)
_LOST_ADDITION = (
    "Added again, recipients that are there already get a second letter: look with iterate_recipients first, "
    "or set all recipients anew with update_mailing_list(..., delete_old_recipients=True)."
)
_LOST_REPLACEMENT = "Call it again: it sets the same recipients. A validation may be charged once more."
_LOST_VALIDATION = (
    "Look with get_mailing_list whether the validation, which is charged, is requested already."
)


class MailingLists(ClientBase):
    """The part of the client that keeps mailing lists."""

    def create_mailing_list(
        self,
        *,
        name: str | None = None,
        recipients: Rows | None = None,
        address_validation: bool | None = None,
    ) -> MailingList:
        """Make a mailing list. Sent once: a second one would be another list with the same addresses.

        Raises `UnknownOutcomeError` when the answer was lost: look for the name before making it again.

        :param name: shown in the dashboard
        :param recipients: as in a print job
        :param address_validation: ask for the validation of addresses, which is charged (documented)
        """
        tree = self._list_tree(name, recipients, address_validation)
        with _sent_once(_LOST_LIST):
            return self._post(MailingList, "/mailing_lists", tree)

    def get_mailing_list(self, mailing_list_id: str) -> MailingList:
        """Read a mailing list.

        :param mailing_list_id: the service's id
        """
        return self._get(MailingList, _list(mailing_list_id), _LIST_ID)

    def update_mailing_list(
        self,
        mailing_list_id: str,
        *,
        name: str | None = None,
        recipients: Rows | None = None,
        delete_old_recipients: bool | None = None,
        address_validation: bool | None = None,
    ) -> MailingList:
        """Rename a list, add recipients, or replace them.

        Sent once when it adds recipients, because they could be there twice: two calls that overtake each
        other can do that even to a replacement. Sent once, too, when it asks for a validation, which is
        charged. After a lost answer (`UnknownOutcomeError`) a replacement may be called again, an addition
        only after a look.

        :param mailing_list_id: the service's id
        :param name: new name
        :param recipients: added to those that are there
        :param delete_old_recipients: delete those that are there first
        :param address_validation: ask for the validation of addresses, which is charged (documented)
        """
        tree = self._list_tree(name, recipients, address_validation)
        if delete_old_recipients is not None:
            tree["delete_old_recipients"] = delete_old_recipients
        if not tree:
            raise InputError("There is nothing to change.", param="name")
        path = _list(mailing_list_id)
        once = bool(recipients or address_validation)
        advice = _LOST_REPLACEMENT if delete_old_recipients else _LOST_ADDITION
        with _sent_once(advice if recipients else _LOST_VALIDATION):
            return self._post(MailingList, path, tree, id_from=_LIST_ID, repeatable=not once)

    def delete_mailing_list(self, mailing_list_id: str) -> Deleted:
        """Delete a mailing list with its recipients.

        :param mailing_list_id: the service's id
        """
        return self._delete(mailing_list_id, "mailing_list", _list(mailing_list_id), _LIST_ID)

    def list_mailing_lists(
        self,
        *,
        limit: int | None = None,
        skip: int | None = None,
        sort_field: str | None = None,
        sort_order: SortOrder | None = None,
        fields: Sequence[str] | None = None,
    ) -> Page[MailingList]:
        """Read one page of the list of mailing lists.

        :param limit: 1 to 1000, 10 by default
        :param skip: rows to leave out at the start
        :param sort_field: `created`, `name` or `recipients`
        :param fields: dotted names of what is wanted
        """
        filters = {"limit": limit, "skip": skip, "sort_field": sort_field, "sort_order": sort_order}
        return self._page(MailingList, "/mailing_lists", filters, fields)

    def iterate_mailing_lists(
        self,
        *,
        sort_field: str | None = "created",
        sort_order: SortOrder | None = "asc",
        fields: Sequence[str] | None = None,
        page_size: int = 100,
    ) -> Iterator[MailingList]:
        """Go through all mailing lists, each once.

        :param page_size: rows of each page, 1 to 1000
        """
        page = partial(self.list_mailing_lists, sort_field=sort_field, sort_order=sort_order, fields=fields)
        yield from every(page, page_size=page_size)

    def create_recipient(
        self, mailing_list_id: str, *, address: Mapping[str, Any], variables: Mapping[str, Any] | None = None
    ) -> MailingListRecipient:
        """Add a recipient to a mailing list. Sent once: a second one would be there twice.

        Raises `UnknownOutcomeError` when the answer was lost. A task that adds recipients one by one adds
        those of its first attempt again when it is retried: rather set all with `update_mailing_list`.

        :param mailing_list_id: id of the list
        :param address: `name`, `line`, `postcode`, `country`
        :param variables: of a template
        """
        row: dict[str, Any] = {"address": address}
        if variables is not None:
            row["variables"] = dict(variables)
        tree = tree_of(build_recipients([row])[0], self.open_file)
        path = f"{_list(mailing_list_id)}/recipients"
        with _sent_once(_LOST_ADDITION):
            return self._post(MailingListRecipient, path, tree, id_from=_LIST_ID)

    def get_recipient(self, mailing_list_id: str, recipient_id: str) -> MailingListRecipient:
        """Read a recipient.

        :param mailing_list_id: id of the list
        :param recipient_id: the service's id
        """
        return self._get(MailingListRecipient, _recipient(mailing_list_id, recipient_id), _RECIPIENT_ID)

    def update_recipient(
        self,
        mailing_list_id: str,
        recipient_id: str,
        *,
        address: Mapping[str, Any] | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> MailingListRecipient:
        """Change parts of a recipient; what is not given stays (observed by others).

        :param mailing_list_id: id of the list
        :param recipient_id: the service's id
        :param address: any of `name`, `line`, `postcode`, `country`; `None` clears one
        :param variables: of a template
        """
        given = {"address": address, "variables": variables}
        update = RecipientUpdate.build(**{name: value for name, value in given.items() if value is not None})
        tree = tree_of(update, self.open_file, clear=True)
        if not tree:
            raise InputError("There is nothing to change.", param="address")
        path = _recipient(mailing_list_id, recipient_id)
        return self._post(MailingListRecipient, path, tree, id_from=_RECIPIENT_ID, repeatable=True)

    def delete_recipient(self, mailing_list_id: str, recipient_id: str) -> Deleted:
        """Delete a recipient.

        :param mailing_list_id: id of the list
        :param recipient_id: the service's id
        """
        path = _recipient(mailing_list_id, recipient_id)
        return self._delete(recipient_id, "mailing_list_recipient", path, _RECIPIENT_ID)

    def list_recipients(
        self,
        mailing_list_id: str,
        *,
        limit: int | None = None,
        skip: int | None = None,
        sort_field: str | None = None,
        sort_order: SortOrder | None = None,
        fields: Sequence[str] | None = None,
    ) -> Page[MailingListRecipient]:
        """Read one page of the recipients of a mailing list.

        :param mailing_list_id: id of the list
        :param limit: 1 to 1000, 10 by default
        :param skip: rows to leave out at the start
        :param sort_field: `created` or `name`
        :param fields: dotted names of what is wanted
        """
        filters = {"limit": limit, "skip": skip, "sort_field": sort_field, "sort_order": sort_order}
        path = f"{_list(mailing_list_id)}/recipients"
        return self._page(MailingListRecipient, path, filters, fields, id_from=_LIST_ID)

    def iterate_recipients(
        self,
        mailing_list_id: str,
        *,
        sort_field: str | None = "created",
        sort_order: SortOrder | None = "asc",
        fields: Sequence[str] | None = None,
        page_size: int = 100,
    ) -> Iterator[MailingListRecipient]:
        """Go through all recipients of a mailing list, each once.

        :param mailing_list_id: id of the list
        :param page_size: rows of each page, 1 to 1000
        """
        page = partial(
            self.list_recipients, mailing_list_id, sort_field=sort_field, sort_order=sort_order, fields=fields
        )
        yield from every(page, page_size=page_size)

    def _list_tree(
        self, name: str | None, recipients: Rows | None, address_validation: bool | None
    ) -> dict[str, Any]:
        check_line(name, "name")
        tree: dict[str, Any] = {}
        if name is not None:
            tree["name"] = name
        if recipients is not None:
            tree["recipients"] = [tree_of(row, self.open_file) for row in build_recipients(list(recipients))]
        if address_validation is not None:
            tree["address_validation"] = {"requested": address_validation}
        return tree


@contextmanager
def _sent_once(advice: str) -> Iterator[None]:
    """Let the error of a call whose answer was lost say how to go on.

    :param advice: what to do next
    """
    try:
        yield
    except UnknownOutcomeError as error:
        error.advice = advice
        raise


def _list(mailing_list_id: str) -> str:
    return f"/mailing_lists/{check_id(mailing_list_id, param=_LIST_ID)}"


def _recipient(mailing_list_id: str, recipient_id: str) -> str:
    return f"{_list(mailing_list_id)}/recipients/{check_id(recipient_id, param=_RECIPIENT_ID)}"
