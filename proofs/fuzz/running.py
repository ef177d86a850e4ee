"""Runs one service: sequences of calls, each on a fresh sandbox with a small stock."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from airflow_provider_print.sandbox import PrintSandbox
from airflow_provider_print.sandbox.world import CHOICES, World
from proofs.fuzz import contract, drawing
from proofs.fuzz.calls import Call, Wire, spoil
from proofs.fuzz.intelliprint import Intelliprint
from proofs.fuzz.printful import Printful

if TYPE_CHECKING:
    from proofs.fuzz.contract import Operation, Reply
    from proofs.fuzz.drawing import Draw

SERVICES: dict[str, type[Intelliprint | Printful]] = {"intelliprint": Intelliprint, "printful": Printful}
LEAST_SHARE = 0.3
"""Of the requests to an endpoint that must succeed."""
_CALLS = 20
_SPOILED = 22
"""Per cent of the calls that have something wrong with them."""
_SEQUENCES = 50
"""In one go of Hypothesis, which slows down with what it remembers."""
_LEFT_OUT = st.integers(0, 40)


class Breach(AssertionError):  # noqa: N818 - what Hypothesis looks for are failed assertions
    """An answer that the document does not allow."""


@dataclass
class Result:
    """What came of a service.

    :param statuses: how often each endpoint answered with which status.
    :param without_success: the endpoints that can only refuse, such as one that was removed.
    :param breach: the shortest sequence of calls that was found to break something, with what broke.
    """

    service: str
    statuses: dict[str, Counter[int]] = field(default_factory=dict)
    without_success: list[str] = field(default_factory=list)
    breach: list[str] | None = None

    @property
    def requests(self) -> int:
        """How many requests were sent."""
        return sum(counts.total() for counts in self.statuses.values())

    def share(self, endpoint: str) -> float:
        """Of the requests to an endpoint, how many succeeded."""
        counts = self.statuses[endpoint]
        return sum(count for status, count in counts.items() if status < 300) / max(1, counts.total())

    def poor(self) -> list[str]:
        """Return the endpoints that succeeded too seldom to be tested by this."""
        return [
            endpoint
            for endpoint in self.statuses
            if endpoint not in self.without_success and self.share(endpoint) < LEAST_SHARE
        ]


def run(service: str, *, requests: int, seed: int, shrink: bool = True) -> Result:
    """Send requests to a service and check every answer.

    :param requests: how many at least.
    :param seed: the same seed sends the same calls.
    :param shrink: whether to look for a shorter way to what broke, which may take minutes.
    """
    result = Result(service)
    with PrintSandbox(port=0, rate_limit=0, seed=seed, allow_fetch=["127.0.0.1"]) as box:
        runner = _Runner(box, service, result)
        try:
            turn = 0
            while result.requests < requests and result.breach is None:
                # The first sequence that Hypothesis tries is the simplest: an empty one.
                sequences = 2 + min(_SEQUENCES, (requests - result.requests) // _CALLS)
                runner.play(seed * 100_000 + turn, sequences, shrink=shrink)
                turn += 1
        finally:
            runner.close()
    return result


class _Runner:
    def __init__(self, box: PrintSandbox, service: str, result: Result) -> None:
        self._box, self._result = box, result
        self._service = SERVICES[service](box)
        self._wire = Wire(box.url)
        self._operations = contract.operations(self._document(service))
        for operation in self._operations:
            endpoint = f"{operation.method} {operation.path}"
            self._result.statuses[endpoint] = Counter()
            if all(int(status) >= 300 for status in operation.spec["responses"]):
                self._result.without_success.append(endpoint)
        self._trace: list[str] = []

    def close(self) -> None:
        self._wire.close()

    def play(self, seed: int, sequences: int, *, shrink: bool) -> None:
        """Let Hypothesis draw sequences; what breaks is made short."""

        @hypothesis.seed(seed)
        @settings(
            max_examples=sequences,
            database=None,
            deadline=None,
            phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
            suppress_health_check=list(HealthCheck),
            print_blob=False,
            report_multiple_bugs=False,
        )
        @hypothesis.given(st.data())
        def sequence(data: st.DataObject) -> None:
            self._sequence(data.draw)

        try:
            sequence()
        except (Breach, hypothesis.errors.Flaky, ExceptionGroup) as error:
            self._result.breach = self._result.breach or [f"{type(error).__name__}: {error}"]

    def _sequence(self, draw: Draw) -> None:
        self._box.reset(frozen=True)
        self._box.world(**self._service.WORLD)
        self._trace = []
        self._service.stock(self._post)
        changes = _rules(draw, self._service.NAME)
        if changes:
            self._box.world(**changes)
            self._trace.append(f"world {changes}")
        for operation in self._order(draw):
            # What breaks is made short by leaving out: 0, the simplest number, leaves out.
            if draw(_LEFT_OUT):
                self._step(draw, operation)

    def _order(self, draw: Draw) -> list[Operation]:
        """Return operations so that each comes as often as any other, however the numbers are drawn."""
        count = len(self._operations)
        first = draw(st.integers(0, count - 1))
        stride = draw(st.sampled_from([each for each in range(1, count) if math.gcd(each, count) == 1]))
        return [self._operations[(first + turn * stride) % count] for turn in range(_CALLS)]

    def _step(self, draw: Draw, operation: Operation) -> None:
        if drawing.chance(draw, 10):
            seconds = draw(st.sampled_from([60, 3600, 86_400]))
            self._trace.append(f"advance {seconds}")
            self._box.advance(seconds)
        call = self._service.draw(draw, operation)
        if drawing.chance(draw, _SPOILED):
            call = spoil(draw, call)
        self._trace.append(str(call))
        reply = self._wire.send(call)
        self._result.statuses[f"{operation.method} {operation.path}"][reply.status] += 1
        problem = self._problem(operation, call, reply)
        if problem is not None:
            self._result.breach = [*self._trace, f"{reply.status} {reply.body[:600]!r}", problem]
            raise Breach(problem)
        self._service.learn(call, reply)

    def _problem(self, operation: Operation, call: Call, reply: Reply) -> str | None:
        if reply.status >= 500:
            return "the sandbox failed"
        if not call.url.startswith(self._box.url) or _elsewhere(operation, call):
            return None  # a strange id has made it the path of something else
        problem = operation.breach(reply, projected=call.asks_for_fields)
        if problem is not None:
            return problem
        if (
            reply.status < 300
            and call.body is not None
            and call.raw is None
            and call.media == "application/json"
        ):
            body = json.loads(call.encoded())
            if not operation.described(body):
                return "a body was accepted that the document does not know"
        return None

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        operation = next(each for each in self._operations if each.method == "POST")
        headers = {**self._service.AUTHORIZATION, "Content-Type": "application/json"}
        reply = self._wire.send(Call(operation, operation.base + path, headers, body=body))
        if reply.status not in (200, 201):
            raise RuntimeError(f"the stock cannot be made: {path} {reply.status} {reply.body[:300]!r}")
        return json.loads(reply.body)

    def _document(self, service: str) -> Any:
        import urllib.request

        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self._box.url}/_sandbox/openapi/{service}.json") as answer:
            return json.load(answer)


def _elsewhere(operation: Operation, call: Call) -> bool:
    """Whether a call goes to another path than that of its operation."""
    path = unquote(call.url.removeprefix(operation.base)).strip("/")
    return len(path.split("/")) != len(operation.path.strip("/").split("/")) or path.endswith("/..")


def _rules(draw: Draw, service: str) -> dict[str, Any]:
    """Return a rule of the world or two that are other ones than usual."""
    usual = World().as_dict()
    mine = [
        name
        for name, value in usual.items()
        if (name in CHOICES or isinstance(value, bool))
        and name.startswith("printful") == (service == "printful")
    ]
    changes: dict[str, Any] = {}
    for _ in range(draw(st.integers(0, 2))):
        name = draw(st.sampled_from(mine))
        changes[name] = draw(st.sampled_from(CHOICES[name])) if name in CHOICES else not usual[name]
    return changes
