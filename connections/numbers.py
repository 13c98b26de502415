"""Whole numbers from text: a form, a URL, a header or an API parameter.

`str.isdigit()` is true for "²", which `int()` refuses; `int()` accepts "1_000" and "٣", and raises ValueError beyond
4,300 digits. So all numbers from outside are parsed here.
"""

import re

# The largest number in a database column.
LARGEST = 2**63 - 1
_DIGITS = re.compile(r"-?[0-9]{1,19}", re.ASCII)


def whole_number(text: str | None, *, least: int = 0, most: int = LARGEST) -> int | None:
    """The number in a text of ASCII digits, or None if the text is no number from `least` to `most`."""
    if not text or not _DIGITS.fullmatch(text):
        return None
    number = int(text)
    return number if least <= number <= most else None
