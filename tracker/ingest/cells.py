"""The text of a cell -> its value. ValueError says in words what is wrong, and what to write instead."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from decimal import Decimal

GROUPED = re.compile(r"-?[0-9]{1,3}([,.'’ \u00a0\u202f][0-9]{3})+([.,][0-9]+)?")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
PARTIAL = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
# What spreadsheet programs make of a date: midnight belongs to it.
MIDNIGHT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]00:00(:00(\.0+)?)?")
GERMAN = re.compile(r"([0-9]{1,2})\.\s?([0-9]{1,2})\.\s?([0-9]{4})")
SLASHED = re.compile(r"[0-9]{1,2}/[0-9]{1,2}/([0-9]{4}|[0-9]{2})")
# What people write where they know nothing.
NOTHING = {
    "-",
    "–",
    "—",
    "−",
    "n/a",
    "na",
    "n.a.",
    "#n/a",
    "none",
    "null",
    "nan",
    "nil",
    ".",
    "..",
    "...",
    "…",
    "?",
    "x",
}
YES, NO = {"yes", "true", "y", "1", "1.0"}, {"no", "false", "n", "0", "0.0"}
# No column of the record holds larger numbers: the columns themselves say how many digits they have.
DIGITS = 30


def exact_number(text: str, decimal: str = ".") -> tuple[Decimal, int] | None:
    """'16.40' -> (Decimal('16.40'), 2): the number and how many decimals it was written with; None for empty.

    The other mark is taken too where it can be nothing else (`16,40`). Separators of thousands are refused, for
    `1,200` can be read in two ways; `decimal` says which mark makes it a number with three decimals.
    """
    text = text.strip().replace("\u2212", "-")
    if not text:
        return None
    _refuse_nothing(text)
    if text.endswith("%") or text.startswith("%"):
        raise ValueError("has a percent sign: write the number alone, such as 16.4")
    if GROUPED.fullmatch(text) and not re.fullmatch(rf"-?[0-9]+{re.escape(decimal)}[0-9]+", text):
        raise ValueError(
            "has separators of thousands, or can be read so: write 1200 for a whole number,"
            f" 1{decimal}200 for one with three decimals"
        )
    plain = text.replace(",", ".")
    if not NUMBER.fullmatch(plain):
        raise ValueError("is not a number: write digits with a decimal point, such as 16.40")
    if len(plain) > DIGITS:
        raise ValueError("has more digits than any number here can have")
    return Decimal(plain), len(plain.partition(".")[2])


def whole_number(text: str) -> int | None:
    """A whole number, None for empty; `1200.0` is one too, as spreadsheets write them."""
    text = text.strip().replace("\u2212", "-")
    if not text:
        return None
    _refuse_nothing(text)
    if GROUPED.fullmatch(text) and not re.fullmatch(r"-?[0-9]+\.0+", text):
        raise ValueError("has separators of thousands, or can be read so: write 1200")
    found = re.fullmatch(r"(-?[0-9]+)([.,]0+)?", text)
    if not found:
        raise ValueError("is not a whole number: write digits alone, such as 1200")
    if len(found[1]) > DIGITS:
        raise ValueError("has more digits than any number here can have")
    return int(found[1])


def partial_date(text: str) -> str:
    """`2019`, `2019-06` or `2019-06-05`; `5.6.2019` and a spreadsheet's midnight become the day. Empty stays empty."""
    text = text.strip()
    if not text:
        return ""
    _refuse_nothing(text)
    if midnight := MIDNIGHT.fullmatch(text):
        text = midnight[1]
    elif german := GERMAN.fullmatch(text):
        text = f"{german[3]}-{int(german[2]):02}-{int(german[1]):02}"
    elif SLASHED.fullmatch(text):
        raise ValueError("can be read as two dates: write the year first, such as 2019-06-05")
    if not PARTIAL.fullmatch(text):
        raise ValueError("is not a date: write 2019, 2019-06 or 2019-06-05")
    try:
        datetime.date.fromisoformat((text + "-01-01")[:10])
    except ValueError:
        raise ValueError("is not in the calendar") from None
    return text


def yes_no(text: str) -> bool | None:
    """True, False, or None for empty."""
    word = text.strip().casefold()
    if not word:
        return None
    if word not in YES | NO:
        raise ValueError("is neither “yes” nor “no”")
    return word in YES


def one_of(text: str, choices: Iterable[tuple[str, str]]) -> str:
    """The value of the choice (value, label) that `text` names by either, in capitals or not; "" for empty.

    An exact value wins over an exact label, that over one in other letters.
    """
    text = " ".join(text.split())
    if not text:
        return ""
    known = [(value, str(label)) for value, label in choices if value]
    for found in (
        [value for value, _ in known if value == text],
        [value for value, label in known if label == text],
        [value for value, _ in known if value.casefold() == text.casefold()],
        [value for value, label in known if label.casefold() == text.casefold()],
    ):
        if len(found) == 1:
            return found[0]
    shown = ", ".join(f"“{value}”" for value, _ in known[:12])
    raise ValueError(f"is none of {shown}" + (f" and {len(known) - 12} more" if len(known) > 12 else ""))


def _refuse_nothing(text: str) -> None:
    if text.casefold() in NOTHING:
        raise ValueError("stands for nothing known: leave it empty")
