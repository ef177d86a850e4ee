"""The Printful File Library of the sandbox: files added by URL, fetched and measured in the background.

Two generations of the service, chosen by the rule `printful_profile`: `legacy` (store keys over HTTP Basic
besides tokens, the fifteen fields of the first documentation) and `modern` (tokens only, `is_temporary`,
`extra`). The list, which the service has since removed, answers as long as the rule `printful_list` is
`live`. `/v2` is there in both.
"""

from __future__ import annotations

from airflow_provider_print.sandbox.printful.fields import body_of
from airflow_provider_print.sandbox.printful.routes import fault_answer, routes

__all__ = ["body_of", "fault_answer", "routes"]
