"""What stands in the fields of the published tables, as values."""

import re
from collections.abc import Mapping
from datetime import date, datetime

from catalog.etl.record import PartialDate
from catalog.etl.reports import BadValueError
from catalog.etl.vocabulary import fold

Row = Mapping[str, str]

_MISSING = frozenset({"", "unknown", "none", "nan", "null", "notavailable", "nonefound", "addsome"})
_WHOLE = re.compile(r"[+-]?[0-9]{1,19}(\.0*)?")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]*)?")
_LENGTH = re.compile(r"(\d{1,7})\s*(hr|min|sec)")
_SECONDS = {"hr": 3600, "min": 60, "sec": 1}
_DATE_FORMS = (("%b %d, %Y", "day"), ("%b, %Y", "month"), ("%b %Y", "month"), ("%Y", "year"))
# 'A, B Co., Ltd.' names two companies.
_BETWEEN_NAMES = re.compile(r",\s+(?!(?:Ltd|Inc|LLC|Co)\b)")
_PREMIERED = re.compile(r"(winter|spring|summer|fall)\s+(\d{4})", re.IGNORECASE)


def text(row: Row, column: str) -> str | None:
    value = row[column].strip()
    return None if fold(value) in _MISSING else value


def whole(row: Row, column: str) -> int | None:
    """A whole number; the sets also write it as '26.0'."""
    value = text(row, column)
    if value is None:
        return None
    if not _WHOLE.fullmatch(value):
        raise BadValueError(column, value, "a whole number")
    return int(value.partition(".")[0])


def decimal(row: Row, column: str) -> float | None:
    value = text(row, column)
    if value is None:
        return None
    if not _DECIMAL.fullmatch(value):
        raise BadValueError(column, value, "a number")
    return float(value)


def score(row: Row, column: str) -> float | None:
    """A mean score; 0 stands for none."""
    return decimal(row, column) or None


def names(row: Row, column: str) -> list[str] | None:
    value = text(row, column)
    return None if value is None else _BETWEEN_NAMES.split(value)


def seconds(row: Row, column: str) -> int | None:
    return length(row[column])


def length(said: str) -> int | None:
    """'1 hr 32 min', '24 min. per ep.' -> seconds."""
    return sum(int(count) * _SECONDS[unit] for count, unit in _LENGTH.findall(said)) or None


def aired(row: Row, column: str) -> tuple[PartialDate | None, PartialDate | None]:
    """'Apr 3, 1998 to Apr 24, 1999', '1998', 'Apr, 1998 to ?' -> first and last day."""
    value = text(row, column)
    if value is None:
        return None, None
    first, _, last = value.partition(" to ")
    return _day(first, column), _day(last, column)


def _day(value: str, column: str) -> PartialDate | None:
    value = value.strip()
    if value in ("", "?") or fold(value) in _MISSING:
        return None
    for form, precision in _DATE_FORMS:
        try:
            return PartialDate(datetime.strptime(value, form).date(), precision)
        except ValueError:
            continue
    raise BadValueError(column, value, "a date like 'Apr 3, 1998', 'Apr, 1998' or '1998'")


def partial_date(value: str | None) -> PartialDate | None:
    """'1998-04-03', '1998-04' or '1998'."""
    if not value:
        return None
    parts = [int(part) for part in value.split("-")]
    precision = ("year", "month", "day")[len(parts) - 1]
    return PartialDate(date(*[*parts, 1, 1][:3]), precision)


def premiered(row: Row, column: str) -> tuple[str | None, int | None]:
    """'spring 1998' -> season and year."""
    found = _PREMIERED.fullmatch(row[column].strip())
    return (found[1].lower(), int(found[2])) if found else (None, None)
