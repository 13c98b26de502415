"""Names and descriptions."""

import unicodedata
from collections.abc import Iterator

from connections.domain.limits import NAME_LENGTH
from connections.domain.problems import Problem
from connections.messages import message as _

# Printable by their Unicode category, but drawn as nothing: fillers, blanks, variation selectors.
_BLANK = frozenset(
    map(
        chr,
        (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), 0x2800, 0x3164, *range(0xFE00, 0xFE10),
         0xFFA0, *range(0xE0100, 0xE01F0)),
    )
)  # fmt: skip
_NON_JOINER, _JOINER, _AS_EMOJI = "\u200c", "\u200d", "\ufe0f"
# The combining class of the sign that takes the vowel from an Indic letter.
_VIRAMA = 9


def _is_invisible(character: str) -> bool:
    """Whether a character is a control, a format, a separator of lines, private, unassigned, or drawn as nothing."""
    return character in _BLANK or not (character.isprintable() or unicodedata.category(character) == "Zs")


def _shapes(before: str, mark: str, after: str) -> bool:
    """Whether an invisible mark changes how its neighbours look: in Arabic and Indic scripts, and in emoji."""
    left, right = (unicodedata.category(one) if one else "" for one in (before, after))
    if mark == _AS_EMOJI:
        return left == "So"
    if mark == _JOINER and right == "So":
        return left in ("So", "Sk") or before == _AS_EMOJI
    if mark not in (_JOINER, _NON_JOINER) or not before or not after:
        return False
    if left[0] == right[0] == "L":
        return unicodedata.bidirectional(before) == unicodedata.bidirectional(after) == "AL"
    viramas = [unicodedata.combining(one) == _VIRAMA for one in (before, after)]
    return (viramas[0] and right[0] == "L") or (left[0] == "L" and viramas[1])


def line_problems(field: str, text: str) -> Iterator[Problem]:
    """Judge text that appears on one line of lists, logs and files, and must not look like another text.

    Refuses Unicode's categories Cc, Cf, Cs, Co, Cn, Zl and Zp and what is drawn as nothing, unless it shapes letters.
    """
    text = text or ""
    if text.isprintable() and _BLANK.isdisjoint(text):
        return
    for at, character in enumerate(text):
        if _is_invisible(character) and not _shapes(text[at - 1 : at], character, text[at + 1 : at + 2]):
            yield Problem(
                field,
                "unseen",
                _(
                    "Use no line breaks and no other characters that cannot be seen: character {number} is {code}.",
                    number=at + 1,
                    code=f"U+{ord(character):04X}",
                ),
            )
            return


def text_problems(field: str, text: str, maximum: int = NAME_LENGTH) -> Iterator[Problem]:
    """Names and descriptions: bounded, and no web address in front [P30]."""
    if len(text or "") > maximum:
        yield Problem(
            field,
            "too_long",
            _("Use at most {maximum} characters; this has {length}.", maximum=maximum, length=len(text)),
        )
    if (text or "").lower().startswith(("http://", "https://")):
        yield Problem(field, "url_prefix", _("Must not start with http:// or https://."))
    yield from line_problems(field, text)
