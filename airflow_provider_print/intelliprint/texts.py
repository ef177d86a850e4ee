"""Small rules for single values that a caller sends: texts, switches, numbers, days and countries.

Values often come out of templates, so a switch may arrive as the text "False" (which Python takes for true)
and a number as digits; both are read strictly. A control character anywhere is refused: a NUL passes
through HTTP libraries and breaks things far away. No message repeats the value.
"""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import UTC, date, datetime, time
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, Strict

from airflow_provider_print.core.errors import InputError
from airflow_provider_print.core.identifiers import check_id

_CODES = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE
    EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM
    HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC
    LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
    NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
    TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
#: ISO 3166-1 alpha-2, the officially assigned codes.
COUNTRIES = frozenset(_CODES.split())


def _clean(value: str, allowed: str) -> str:
    for character in value:
        kind = unicodedata.category(character)
        if kind == "Cs" or (kind == "Cc" and character not in allowed):
            raise ValueError("holds a control character")
    return value


def _line(value: str) -> str:
    if not _clean(value, "").strip():
        raise ValueError("is empty")
    return value


def _text(value: str) -> str:
    if not _clean(value, "\n\r\t").strip():
        raise ValueError("is empty")
    return value


def _scalar(value: Any) -> Any:
    if isinstance(value, str):
        return _clean(value, "\n\r\t")
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise ValueError("must be text, a number, true or false")


def _lines(value: str) -> str:
    """Address lines: a newline separates printed lines (observed by others), so none of them may be empty."""
    text = _clean(value, "\n\r").replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        raise ValueError("is empty")
    if any(not part.strip() for part in text.split("\n")):
        raise ValueError("has an empty line in it")
    return text


def _none_if_blank(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip(" ") else value


def _country(value: str) -> str:
    if value not in COUNTRIES:
        raise ValueError("is not a country of ISO 3166-1 alpha-2 (two capital letters; Britain is GB)")
    return value


def _identifier(value: str) -> str:
    try:
        return check_id(value, param="id")
    except InputError as error:
        raise ValueError(f"is not an id ({error.message})") from None


def _switch(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise ValueError("must be true or false")


def _whole(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,15}", value.strip(), re.ASCII):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError("must be a whole number")


def _decimal(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"[+-]?\d{1,9}(\.\d{1,9})?", value.strip(), re.ASCII):
        return float(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9:
        return float(value)
    raise ValueError("must be a number")


def _moment(value: Any) -> Any:
    """Read UNIX seconds, or an aware time, or a day: its noon, which is the same day in London and in UTC."""
    if isinstance(value, str) and not re.fullmatch(r"\d{1,15}", value.strip(), re.ASCII):
        try:
            value = (
                datetime.fromisoformat(value.strip())
                if len(value.strip()) > 10
                else date.fromisoformat(value)
            )
        except ValueError:
            raise ValueError("must be UNIX seconds, a day (2026-11-30) or a time with its zone") from None
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("must have a time zone")
        return int(value.timestamp())
    if isinstance(value, date):
        return int(datetime.combine(value, time(12), tzinfo=UTC).timestamp())
    return _whole(value)


#: One line of text, not empty.
Line = Annotated[str, Strict(), AfterValidator(_line)]
#: One line of text or nothing; blank counts as nothing, as in a CSV file.
OptionalLine = Annotated[Line | None, BeforeValidator(_none_if_blank)]
#: Text of many lines, not empty.
Text = Annotated[str, Strict(), AfterValidator(_text)]
#: Text of many lines that may be empty, a number, true, false or nothing.
Scalar = Annotated[Any, AfterValidator(_scalar)]
#: Text of many lines, which may be empty.
AnyText = Annotated[str, Strict(), AfterValidator(_scalar)]
#: The lines of an address.
Lines = Annotated[str, Strict(), AfterValidator(_lines)]
Country = Annotated[
    Annotated[str, Strict(), AfterValidator(_country)] | None, BeforeValidator(_none_if_blank)
]
#: An id of the service.
Identifier = Annotated[str, Strict(), AfterValidator(_identifier)]
#: True or false, also as text; never 0, 1 or "yes".
Switch = Annotated[bool, BeforeValidator(_switch)]
#: A whole number, also as digits.
Whole = Annotated[int, BeforeValidator(_whole)]
#: A number, also as digits; finite.
Number = Annotated[float, BeforeValidator(_decimal)]
#: UNIX seconds.
Moment = Annotated[int, BeforeValidator(_moment), Field(ge=0)]


def check_name(value: str) -> str:
    """Check the name of a variable or of a metadata entry: brackets would change the shape of a form."""
    if "[" in _line(value) or "]" in value:
        raise ValueError("has a name with a bracket in it")
    return value


#: Name of a variable or of a metadata entry.
Name = Annotated[str, Strict(), AfterValidator(check_name)]
