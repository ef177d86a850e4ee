"""What every model of an answer has in common: tolerant when read, silent when printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from airflow_provider_print.core.errors import UnexpectedAnswerError

if TYPE_CHECKING:
    from collections.abc import Iterable


class AnswerModel(BaseModel):
    """An object as a service sent it.

    Unknown fields are kept, not refused: a service may add one any day. The text form shows only the fields
    named in `shown`, because a model is easily logged and an answer holds names and addresses.
    """

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True, populate_by_name=True)

    shown: ClassVar[tuple[str, ...]] = ("id",)

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        return [(name, getattr(self, name)) for name in self.shown if getattr(self, name, None) is not None]

    @classmethod
    def read(cls, data: object, *, request_id: str | None = None) -> Self:
        """Read an answer; raise `UnexpectedAnswerError` that names faulty fields, never values.

        :param data: the decoded JSON
        :param request_id: the service's id of the call, for the error
        """
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            faults = error.errors(include_input=False)
        places = sorted({".".join(map(str, fault["loc"])) or "(all)" for fault in faults})
        raise UnexpectedAnswerError(
            f"The answer is not a {cls.__name__}: {', '.join(places[:5])} cannot be read.",
            request_id=request_id,
            advice="If the host of the connection is right, the service has changed: update this package.",
        )
