"""What Airflow is told about this package: connection forms, hooks, operators, links.

A plain dict. Airflow reads it at the start of every command, so this module imports nothing, and the forms
are declared here instead of in the hooks: Airflow 3.2 and newer draw them without importing any of our code.
On 3.1 the form shows the standard fields, and the extras go into the JSON box.
"""

from __future__ import annotations

from typing import Any

_INTELLIPRINT = "Intelliprint"
_PRINTFUL = "Printful"


def _field(
    label: str, kind: str, description: str, *, default: object = None, **schema: object
) -> dict[str, Any]:
    """Return one field of a form; every field may stay empty, which means its default."""
    shape = {"type": [kind, "null"], **schema}
    if default is not None:
        shape["default"] = default
    return {"label": label, "description": description, "schema": shape}


def _transport_fields() -> dict[str, Any]:
    """Return the fields that both services have."""
    return {
        "timeout": _field(
            "Time limit (seconds)",
            "number",
            "How long one call may stay without any sign of life. Empty: the default of the hook.",
            minimum=0,
        ),
        "rate": _field(
            "Calls a minute",
            "number",
            "What all who use the account together may send. 0 switches the limit off. "
            "Empty: just below the limit of the service.",
            minimum=0,
        ),
        "share_of_account_limit": _field(
            "Share of the account's limit",
            "number",
            "The part of the calls that this machine may send, such as 0.25 where four machines use the "
            "account. Empty: all of them.",
            exclusiveMinimum=0,
            maximum=1,
        ),
        "rate_store": _field(
            "Shared rate limit",
            "string",
            "URL of a Redis server, such as redis://host:6379/0, through which all machines share the limit. "
            "Needs airflow-provider-print[redis]. Empty: the processes of each machine share it.",
            format="password",
        ),
        "rate_dir": _field(
            "Directory of the rate limit",
            "string",
            "Absolute path of the directory through which the processes of this machine share the limit. "
            "Empty: one in the directory for temporary files.",
        ),
        "account": _field(
            "Account",
            "string",
            "A word for the account, the same in all of its connections that have different API keys: they "
            "share one limit. Empty: the id of this connection.",
        ),
        "proxy": _field(
            "Proxy", "string", "URL of an HTTP proxy. The environment variables for proxies are not read."
        ),
        "ca_bundle": _field(
            "CA bundle",
            "string",
            "Path of a file of certificate authorities to trust instead of the usual ones.",
        ),
        "allow_http": _field(
            "Allow plain HTTP",
            "boolean",
            "The API key would cross the network readable. Never needed for this machine itself.",
            default=False,
        ),
    }


def _intelliprint_fields() -> dict[str, Any]:
    return {
        "testmode": _field(
            "Test mode",
            "boolean",
            "Nothing is charged and nothing is posted. Letters are real only when this is off.",
            default=True,
        ),
        "environment": _field(
            "Environment",
            "string",
            "A word of your own, such as 'production': keeps two Airflows with equal DAGs apart.",
        ),
        **_transport_fields(),
        "settle": _field(
            "Settle (seconds)",
            "number",
            "How long a draft waits before it is paid where Airflow cannot keep the decision; longer than "
            "the service's list is behind. The probe measures that. Empty: the default of the hook.",
            minimum=0,
        ),
        "test_letters_move": _field(
            "Test letters move",
            "boolean",
            "On when the service is known to move test letters on to 'sent', as the sandbox does. "
            "Otherwise a wait on a test job ends when it is confirmed.",
            default=False,
        ),
        "job_link": _field(
            "Link to a print job",
            "string",
            "URL that the button of a task leads to; {id} is the id of the job.",
        ),
        "webhook_secret": _field(
            "Webhook secret",
            "string",
            "The whsec_... of the webhook endpoint in the dashboard; two with a space between them while it "
            "is changed. Empty: webhooks are refused.",
            format="password",
        ),
    }


def _printful_fields() -> dict[str, Any]:
    return {
        "store_id": _field(
            "Store id", "string", "Needed with a token of an account; a token of one store needs none."
        ),
        **_transport_fields(),
    }


def _connection_types() -> list[dict[str, Any]]:
    return [
        {
            "connection-type": "intelliprint",
            "hook-class-name": "airflow_provider_print.hooks.intelliprint.IntelliprintHook",
            "hook-name": _INTELLIPRINT,
            "ui-field-behaviour": {
                "hidden-fields": ["schema", "login", "port"],
                "relabeling": {"password": "API key", "host": "Base URL"},
                "placeholders": {"host": "https://api.intelliprint.net/v1", "password": "key_..."},
            },
            "conn-fields": _intelliprint_fields(),
        },
        {
            "connection-type": "printful",
            "hook-class-name": "airflow_provider_print.hooks.printful.PrintfulHook",
            "hook-name": _PRINTFUL,
            "ui-field-behaviour": {
                "hidden-fields": ["schema", "login", "port"],
                "relabeling": {"password": "Token", "host": "Base URL"},
                "placeholders": {"host": "https://api.printful.com", "password": "the token of a store"},
            },
            "conn-fields": _printful_fields(),
        },
    ]


def _modules(folder: str) -> list[dict[str, Any]]:
    return [
        {"integration-name": name, "python-modules": [f"airflow_provider_print.{folder}.{name.lower()}"]}
        for name in (_INTELLIPRINT, _PRINTFUL)
    ]


def get_provider_info() -> dict[str, Any]:
    """Return the description that the entry point `apache_airflow_provider` is asked for."""
    return {
        "package-name": "airflow-provider-print",
        "name": "Print",
        "description": "Posts letters with Intelliprint and stocks artwork in the Printful File Library.",
        "versions": ["0.1.0"],
        "integrations": [
            {
                "integration-name": _INTELLIPRINT,
                "external-doc-url": "https://www.intelliprint.net/docs",
                "tags": ["service"],
            },
            {
                "integration-name": _PRINTFUL,
                "external-doc-url": "https://developers.printful.com/docs/",
                "tags": ["service"],
            },
        ],
        "connection-types": _connection_types(),
        "hooks": _modules("hooks"),
        "operators": _modules("operators"),
        "sensors": _modules("sensors"),
        "triggers": _modules("triggers"),
        "asset-uris": [
            {
                "schemes": ["intelliprint"],
                "handler": "airflow_provider_print.assets.sanitize_uri",
            }
        ],
        "extra-links": [
            "airflow_provider_print.links.PrintJobLink",
            "airflow_provider_print.links.PrintfulFileLink",
        ],
    }
