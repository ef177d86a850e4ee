"""From a message to its receiver: a courier for each endpoint, attempts, repetitions, what came of them."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter, deque
from functools import partial
from typing import TYPE_CHECKING, Any

from airflow_provider_print.sandbox.webhooks import signing
from airflow_provider_print.sandbox.webhooks.endpoints import Endpoint, WebhookError
from airflow_provider_print.sandbox.webhooks.messages import PAUSES, Message
from airflow_provider_print.sandbox.webhooks.sending import Outcome, post
from airflow_provider_print.sandbox.work import Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from airflow_provider_print.sandbox.core import Sandbox

KIND = "_message"
_REMEMBERED = 20_000
"""Messages that are over and can still be looked at; they live in memory only."""


class Deliveries:
    """Messages on their way.

    What is not delivered yet is kept with the data: a message that was made is delivered after a restart, and
    one that was delivered is not, unless the sandbox was killed between the two.

    :param allow: hosts (or `host:port`) that may be called, private ones included.
    """

    def __init__(self, sandbox: Sandbox, *, allow: Iterable[str]) -> None:
        self._sandbox = sandbox
        self._allow = {host.lower() for host in allow}
        self._lock = threading.Lock()
        self._endpoints: dict[str, Endpoint] = {}
        self._couriers: dict[str, Work] = {}
        self.changes = 0
        """How often something that can be looked at has changed: endpoints, messages, attempts."""
        self._forget()

    def _forget(self) -> None:
        with self._lock:
            self._waiting: dict[str, Message] = {}
            self._under_way: set[str] = set()
            self._over: deque[Message] = deque()
            self._numbers: dict[str, int] = {}
            self._count = itertools.count(1)

    def trust(self, endpoint: Endpoint) -> None:
        """Allow the host of an endpoint that was named by whoever runs the sandbox."""
        self._allow.add(f"{endpoint.host}:{endpoint.port}")

    def check(self, endpoint: Endpoint) -> None:
        """Refuse an endpoint whose host was not allowed by name.

        :raises WebhookError: then.
        """
        if not self._allow & {endpoint.host, f"{endpoint.host}:{endpoint.port}"}:
            raise WebhookError(
                f"the sandbox calls no webhook at {endpoint.host}:"
                f" allow it with --allow-webhook {endpoint.host}"
            )

    def employ(self, endpoint: Endpoint) -> None:
        """Deliver to an endpoint from now on, or to what has become of it."""
        before, self._endpoints[endpoint.id] = self._endpoints.get(endpoint.id), endpoint
        self.changes += 1
        if before is not None and before.parallel == endpoint.parallel:
            return
        former = self._couriers.get(endpoint.id)
        store = self._sandbox.store
        self._couriers[endpoint.id] = Work(
            self._sandbox.clock, within=lambda: store.within(store.scope()), threads=endpoint.parallel
        )
        if former is not None:
            former.stop(0)
            for message in self._waiting_for(endpoint.id):
                self._hand_over(message, self._attempt)

    def dismiss(self, endpoint_id: str) -> None:
        """Deliver no more to an endpoint (in a transaction)."""
        self._endpoints.pop(endpoint_id)
        self.changes += 1
        for message in self._waiting_for(endpoint_id):
            self._close(message, "failed")
        self._couriers.pop(endpoint_id).stop(0)

    def restore(self) -> None:
        """Take up what the data folder has of messages that were not delivered (in a transaction)."""
        for doc in self._sandbox.store.all(KIND):
            message = Message(**doc)
            if message.endpoint in self._endpoints:
                self.deliver(message)
            else:
                self._sandbox.store.delete(KIND, message.id)

    def keep(self, message: Message) -> None:
        """Write a message down (in a transaction)."""
        self._sandbox.store.put(KIND, message.id, message.as_document())

    def deliver(self, message: Message) -> None:
        """Hand over a message that was written down."""
        with self._lock:
            self._waiting[message.id] = message
            self._numbers[message.id] = next(self._count)
            self.changes += 1
        self._hand_over(message, self._attempt)

    def again(self, message_id: str) -> dict[str, Any]:
        """Deliver a message once more, under the same id, and return it as it stands.

        :raises LookupError: when it is not known any more, or its endpoint is gone.
        """
        with self._lock:
            message = next((one for one in self._known() if one.id == message_id), None)
        if message is None or message.endpoint not in self._endpoints:
            raise LookupError("there is no such message")
        self._couriers[message.endpoint].later(0.0, partial(self._repeat, message))
        return message.as_dict()

    def counts(self) -> Counter[tuple[str, str]]:
        """Return how many messages there are, by endpoint and state."""
        with self._lock:
            return Counter((message.endpoint, message.state) for message in self._known())

    def messages(self, limit: int, equal: dict[str, str]) -> list[dict[str, Any]]:
        """Return the newest messages that have these values in their fields, newest first."""
        with self._lock:
            found = [
                message
                for message in self._known()
                if all(getattr(message, name) == value for name, value in equal.items())
            ]
            found.sort(key=lambda message: -self._numbers[message.id])
            return [message.as_dict() for message in found[:limit]]

    def settle(self, left: Callable[[], float]) -> bool:
        """Wait until what is due now has been tried; False when that takes longer than is left.

        :param left: returns real seconds.
        """
        return all(courier.run_due(left()) for courier in list(self._couriers.values()))

    def stop(self, seconds: float) -> None:
        """End the threads; what is under way gets so many real seconds, all together."""
        deadline = time.monotonic() + seconds
        for courier in list(self._couriers.values()):
            courier.stop(max(0.0, deadline - time.monotonic()))

    def reset(self) -> None:
        """Forget messages and endpoints."""
        self.stop(0)
        self._couriers.clear()
        self._endpoints.clear()
        self._forget()

    def _hand_over(self, message: Message, task: Callable[[Message], None]) -> None:
        courier = self._couriers.get(message.endpoint)
        if courier is not None:
            wait = 0.0 if message.due is None else max(0.0, message.due - self._sandbox.clock.now())
            courier.later(wait, partial(task, message))

    def _attempt(self, message: Message) -> None:
        """Try to deliver, and see to what is to be done after it, unless a former courier is still at it."""
        endpoint = self._endpoints.get(message.endpoint)
        with self._lock:
            if endpoint is None or message.state != "waiting" or message.id in self._under_way:
                return
            self._under_way.add(message.id)
        try:
            over = self._try(endpoint, message)
        finally:
            with self._lock:
                self._under_way.discard(message.id)
        if not over:
            self._hand_over(message, self._attempt)

    def _try(self, endpoint: Endpoint, message: Message) -> bool:
        """Try to deliver, and note what came of it; False when there is to be another attempt."""
        store = self._sandbox.store
        if self._post(endpoint, message).delivered:
            with store.transaction():
                self._close(message, "delivered")
            for _ in range(message.copies):
                self._hand_over(message, self._repeat)
        elif message.state != "waiting":
            pass  # its endpoint was removed meanwhile
        elif message.tries >= len(PAUSES):
            with store.transaction():
                self._close(message, "failed")
        else:
            message.due = self._sandbox.clock.now() + PAUSES[message.tries]
            message.tries += 1
            with store.transaction():
                self.keep(message)
            return False
        return True

    def _repeat(self, message: Message) -> None:
        """Deliver once more what was sent before; nobody minds if that fails."""
        endpoint = self._endpoints.get(message.endpoint)
        if endpoint is not None:
            self._post(endpoint, message)

    def _post(self, endpoint: Endpoint, message: Message) -> Outcome:
        clock, body = self._sandbox.clock, message.body.encode(errors="backslashreplace")
        began = clock.real()
        headers = signing.headers(
            name=endpoint.header_name,
            secret=endpoint.secret,
            message=message.id,
            timestamp=int(began),
            body=body,
        )
        attempt: dict[str, Any] = {"at": clock.now(), "real_at": began}
        try:
            self.check(endpoint)
            outcome = post(endpoint, headers, body)
        except WebhookError as error:  # of an endpoint that an earlier run has left in the data folder
            outcome = Outcome(None, str(error))
        self._sandbox.store.check()
        attempt |= {"seconds": round(clock.real() - began, 3), **outcome._asdict()}
        with self._lock:
            message.attempts.append(attempt)
            self.changes += 1
        return outcome

    def _close(self, message: Message, state: str) -> None:
        """Have done with a message (in a transaction)."""
        self._sandbox.store.delete(KIND, message.id)
        with self._lock:
            message.state, message.due = state, None
            self.changes += 1
            if self._waiting.pop(message.id, None) is not None:
                self._over.append(message)
            if len(self._over) > _REMEMBERED:
                self._numbers.pop(self._over.popleft().id)

    def _waiting_for(self, endpoint_id: str) -> list[Message]:
        with self._lock:
            return [message for message in self._waiting.values() if message.endpoint == endpoint_id]

    def _known(self) -> Iterable[Message]:
        return itertools.chain(self._over, self._waiting.values())
