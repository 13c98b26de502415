"""Whole numbers that arrive as text: from a form, an address, a header or an API parameter.

`str.isdigit()` is true of "²", which `int()` refuses; `int()` also takes "1_000" and "٣", and raises ValueError beyond
4,300 digits. So nothing else of the program turns a stranger's text into a number.
"""

import re

# What a column of the database holds.
LARGEST = 2**63 - 1
_DIGITS = re.compile(r"-?[0-9]{1,19}", re.ASCII)


def whole_number(text: str | None, *, least: int = 0, most: int = LARGEST) -> int | None:
    """The number that a text spells in ASCII digits, or None if it spells none from `least` to `most`."""
    if not text or not _DIGITS.fullmatch(text):
        return None
    number = int(text)
    return number if least <= number <= most else None
