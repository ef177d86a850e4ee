"""From a letter's change to messages: who is told what, and when somebody looks."""

from __future__ import annotations

import random
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from airflow_provider_print.sandbox.webhooks.changes import Change, Changes
from airflow_provider_print.sandbox.webhooks.delivery import Deliveries
from airflow_provider_print.sandbox.webhooks.endpoints import EVENTS, OPTIONS, Endpoint, WebhookError
from airflow_provider_print.sandbox.webhooks.messages import FILTERS, STATES, Message, letter_updated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from airflow_provider_print.sandbox.core import Sandbox
    from airflow_provider_print.sandbox.intelliprint.letters import Job

_KIND = "_webhook"
_PAUSE = 0.25
"""Real seconds between looks at a running clock: letters that move one by one are told together."""
_MOST_SHOWN = 1000


class Webhooks:
    """The endpoints of one sandbox, and what they are told.

    :param sandbox: whose letters are told of.
    :param configured: endpoints named at the start, as URLs or as options with a `url`.
    :param allow: hosts (or `host:port`) that endpoints may be at, private ones included.
    :param seed: makes the chances repeatable.
    :raises WebhookError: when a configured endpoint makes no sense.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        *,
        configured: Iterable[str | Mapping[str, Any]] = (),
        allow: Iterable[str] = (),
        seed: int | None = None,
    ) -> None:
        self._sandbox, self._seed = sandbox, seed
        self._configured = [_options(one) for one in configured]
        self._deliveries = Deliveries(sandbox, allow=allow)
        self._changes = Changes(sandbox)
        self._endpoints: dict[str, Endpoint] = {}
        self._looking = threading.Lock()  # taken before the lock of the store, never inside of it
        self._lock = threading.Lock()
        self._look_number = 0
        self._forget()
        self._restore()
        sandbox.when_print_written = self._print_written
        sandbox.when_rules_changed = self._rules_changed
        sandbox.clock.when_changed(self._look_soon)

    def _forget(self) -> None:
        with self._lock:
            self._random = random.Random(None if self._seed is None else f"{self._seed}/webhooks")  # noqa: S311
            self._written: set[str] = set()
            self._all_written = True
            self._next_look: float | None = None

    def add(self, options: Mapping[str, Any], *, trusted: bool = False) -> dict[str, Any]:
        """Register an endpoint, or change the one that has this URL, and return it.

        What has happened to letters before the first one is registered is not told.

        :param options: a `url` and the `OPTIONS` that are not to be as usual, or as they were.
        :param trusted: whether whoever asks may name any host, such as the program that runs the sandbox.
        :raises WebhookError: when a value makes no sense, or the host is not allowed.
        """
        _check_names(options)
        store = self._sandbox.store
        with self._looking:
            known = next((one for one in self._endpoints.values() if one.url == options["url"]), None)
            endpoint = Endpoint(**options) if known is None else replace(known, **options)
            if trusted:
                self._deliveries.trust(endpoint)
            self._deliveries.check(endpoint)
            with store.transaction():
                self._put(endpoint)
        self._look_soon()
        return endpoint.as_dict()

    def remove(self, endpoint_id: str) -> None:
        """Forget an endpoint; what was still to be told to it has failed.

        :raises LookupError: when there is none of that id.
        """
        store = self._sandbox.store
        with self._looking, store.transaction():
            if self._endpoints.pop(endpoint_id, None) is None:
                raise LookupError("there is no such webhook")
            store.delete(_KIND, endpoint_id)
            self._deliveries.dismiss(endpoint_id)
            if not self._endpoints:
                self._changes.end()

    def endpoints(self) -> list[dict[str, Any]]:
        """Return the endpoints as plain data, each with how many of its messages are in which state."""
        counts = self._deliveries.counts()
        return [
            endpoint.as_dict() | {"messages": {state: counts[endpoint.id, state] for state in STATES}}
            for endpoint in list(self._endpoints.values())
        ]

    def messages(self, *, limit: int = 100, **equal: str) -> list[dict[str, Any]]:
        """Return messages with what came of them, newest first.

        :param limit: how many at most, from 1 to 1000.
        :param equal: values that fields of a message must have, such as `state="failed"`; see
            `messages.FILTERS`.
        :raises ValueError: for another field or limit.
        """
        if not 1 <= limit <= _MOST_SHOWN:
            raise ValueError(f"limit is a number from 1 to {_MOST_SHOWN}")
        if equal.keys() - set(FILTERS):
            raise ValueError(f"messages can be chosen by: {', '.join(FILTERS)}")
        return self._deliveries.messages(limit, equal)

    @property
    def changes(self) -> int:
        """How often an endpoint, a message or its attempts have changed."""
        return self._deliveries.changes

    def resend(self, message_id: str) -> dict[str, Any]:
        """Deliver a message once more, under the same id, and return it as it stands.

        :raises LookupError: when it is not known any more, or its endpoint is gone.
        """
        return self._deliveries.again(message_id)

    def settle(self, left: Callable[[], float]) -> bool:
        """Wait until all that is due now has been tried; False when that takes longer than is left.

        :param left: returns real seconds.
        """
        self._look_soon()
        return self._sandbox.work.run_due(left()) and self._deliveries.settle(left)

    def reset(self) -> None:
        """Forget messages, and the endpoints but for those that were named at the start."""
        with self._looking:
            kept = {endpoint.url: endpoint.as_dict() for endpoint in self._endpoints.values()}
            self._deliveries.reset()
            self._endpoints.clear()
            self._changes.forget()
            self._forget()
            with self._sandbox.store.transaction():
                self._configure(kept)

    def stop(self) -> None:
        """End the threads."""
        self._deliveries.stop(2.0)

    def _restore(self) -> None:
        store = self._sandbox.store
        kept = {doc["url"]: doc for doc in store.all(_KIND)}
        named = {options["url"] for options in self._configured}
        with store.transaction():
            for url, doc in kept.items():
                if doc["configured"] and url not in named:
                    store.delete(_KIND, doc["id"])
                elif url not in named:
                    self._employ(Endpoint(**doc))
            self._configure(kept)
            self._deliveries.restore()
        self._look_soon()

    def _configure(self, kept: Mapping[str, Mapping[str, Any]]) -> None:
        for options in self._configured:
            endpoint = Endpoint(**{**kept.get(options["url"], {}), **options, "configured": True})
            self._deliveries.trust(endpoint)
            self._put(endpoint, begin=not kept)

    def _put(self, endpoint: Endpoint, *, begin: bool = True) -> None:
        """Keep an endpoint, new or changed (in a transaction)."""
        if begin and not self._endpoints:
            self._changes.begin()
            with self._lock:
                self._all_written = True
        endpoint.id = endpoint.id or self._sandbox.ids.text("ep_", 21)
        self._sandbox.store.put(_KIND, endpoint.id, endpoint.as_dict())
        self._employ(endpoint)

    def _employ(self, endpoint: Endpoint) -> None:
        self._deliveries.employ(endpoint)
        self._endpoints[endpoint.id] = endpoint

    def _print_written(self, job_id: str) -> None:
        """Take note of a job that was written or deleted; it is still in its transaction, so look later."""
        if self._endpoints:
            with self._lock:
                self._written.add(job_id)
            self._look_soon()

    def _rules_changed(self) -> None:
        """Reckon the changes to come anew."""
        with self._lock:
            self._all_written = True
        self._look_soon()

    def _look_soon(self) -> None:
        if self._endpoints:
            self._look_at(self._sandbox.clock.now())

    def _look_at(self, moment: float) -> None:
        with self._lock:
            if self._next_look is not None and self._next_look <= moment:
                return
            self._next_look = moment
            self._look_number = number = self._look_number + 1
        wait = max(0.0, moment - self._sandbox.clock.now())
        self._sandbox.work.later(wait, lambda: self._look(number))

    def _look(self, number: int) -> None:
        """Make messages of what has happened, and come again when the next change is due."""
        with self._looking:
            with self._lock:
                if number != self._look_number:
                    return  # an earlier look has taken the place of this one
                self._next_look = None
                written, self._written = self._written, set()
                everything, self._all_written = self._all_written, False
            if not self._endpoints:
                return
            try:
                made = self._make_messages(written, everything=everything)
            except BaseException:
                with self._lock:
                    self._all_written = True
                raise
            due = self._changes.next_due
        for message in made:
            self._deliveries.deliver(message)
        if due is not None:
            clock = self._sandbox.clock
            pause = 0.0 if clock.frozen or due <= clock.now() else _PAUSE * clock.speed
            self._look_at(max(due, clock.now() + pause))

    def _make_messages(self, written: set[str], *, everything: bool) -> list[Message]:
        made: list[Message] = []
        with self._sandbox.store.transaction():
            if everything:
                self._changes.plan_all()
            for job_id in () if everything else written:
                self._changes.plan(job_id)
            for job, changes in self._changes.take(self._sandbox.clock.now()):
                for change in changes:
                    made += self._messages(job, change)
            for message in made:
                self._deliveries.keep(message)
        return made

    def _messages(self, job: Job, change: Change) -> list[Message]:
        sandbox = self._sandbox
        first = (change.at, change.status) == (job["confirmed_exact"], job["first_status"])
        if first and not sandbox.world.webhook_on_confirm:
            return []
        body, made = letter_updated(job, change, sandbox.world), []
        for endpoint in self._endpoints.values():
            chances = [self._random.random() for _ in range(3)]
            held = endpoint.reorder_s * chances[1] if chances[0] < endpoint.reorder else 0.0
            message = Message(
                id=sandbox.ids.text("msg_", 27),
                endpoint=endpoint.id,
                type=EVENTS[0],
                print_id=job["id"],
                letter=job["letters"][change.place]["id"],
                status=change.status,
                at=change.at,
                body=body,
                due=sandbox.clock.now() + held,
                copies=int(chances[2] < endpoint.duplicate),
            )
            made.append(message)
        return made


def _check_names(options: Mapping[str, Any]) -> None:
    if "url" not in options or options.keys() - set(OPTIONS):
        raise WebhookError(f"a webhook has a url, and there can be: {', '.join(OPTIONS[1:])}")


def _options(one: str | Mapping[str, Any]) -> dict[str, Any]:
    options = {"url": one} if isinstance(one, str) else dict(one)
    _check_names(options)
    Endpoint(**options)
    return options
