"""The client of Intelliprint: one method per call of the service, one module per kind of object."""

from __future__ import annotations

from airflow_provider_print.intelliprint.client.backgrounds import Backgrounds
from airflow_provider_print.intelliprint.client.mailing_lists import MailingLists
from airflow_provider_print.intelliprint.client.merging import Merging
from airflow_provider_print.intelliprint.client.print_jobs import PrintJobs

__all__ = ["IntelliprintClient"]


class IntelliprintClient(PrintJobs, Backgrounds, MailingLists, Merging):
    """Everything that Intelliprint can do; needs only a transport.

    Every method raises what `core.errors` names: `InputError` before a call, an `ApiError` for an answer
    that is an error, `NotDeliveredError` when the service was not reached, `UnknownOutcomeError` for a
    write whose answer was lost.
    """
