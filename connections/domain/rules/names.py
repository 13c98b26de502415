"""Names and descriptions."""

import re
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
# Vowel signs of Arabic and Persian.
_ARABIC_SIGNS = "".join(map(chr, (*range(0x064B, 0x0660), 0x0670)))
_NON_JOINER, _JOINER, _AS_EMOJI, _KEYCAP = "\u200c", "\u200d", "\ufe0f", "\u20e3"
# The combining class of the sign that takes the vowel from an Indic letter.
_VIRAMA = 9
# A black flag and letters that are not drawn, up to a final mark: the flag of a region.
_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,6}\U000e007f")
# Symbols that are drawn as emoji though Unicode counts them as punctuation, letters or signs of mathematics.
_EMOJI_BEYOND_SYMBOLS = frozenset("‼⁉〰〽ℹ↔")


def is_invisible(character: str) -> bool:
    """Whether a character is a control, a format, a separator of lines, private, unassigned, or drawn as nothing."""
    return character in _BLANK or not (character.isprintable() or unicodedata.category(character) == "Zs")


def _is_emoji(character: str) -> bool:
    return character in _EMOJI_BEYOND_SYMBOLS or unicodedata.category(character or " ") == "So"


def _joins_cursively(character: str) -> bool:
    return (
        character != "" and unicodedata.category(character)[0] == "L" and unicodedata.bidirectional(character) == "AL"
    )


def _shapes(text: str, at: int) -> bool:
    """Whether an invisible mark changes how its neighbors look: in Arabic and Indic scripts, and in emoji."""
    before, mark, after = text[at - 1 : at], text[at], text[at + 1 : at + 2]
    if mark == _AS_EMOJI:
        return _is_emoji(before) or (after == _KEYCAP and before != "" and before in "0123456789#*")
    if mark not in (_JOINER, _NON_JOINER) or not before:
        return False
    if mark == _JOINER and _is_emoji(after):
        return _is_emoji(before) or before == _AS_EMOJI or unicodedata.category(before) == "Sk"
    # After a virama RFC 5892 allows both, whatever follows; some writers of Bengali put them in front of it.
    if unicodedata.combining(before) == _VIRAMA:
        return True
    if after and unicodedata.combining(after) == _VIRAMA:
        return unicodedata.category(before)[0] == "L"
    # Vowel signs may stand on the letter in front.
    letters = text[max(at - 4, 0) : at].rstrip(_ARABIC_SIGNS)
    return _joins_cursively(letters[-1:]) and _joins_cursively(after)


def line_problems(field: str, text: str) -> Iterator[Problem]:
    """Judge text that appears on one line of lists, logs and files, and must not look like another text.

    Refuses Unicode's categories Cc, Cf, Cs, Co, Cn, Zl and Zp and what is drawn as nothing, unless it shapes letters.
    """
    text = text or ""
    if text.isprintable() and _BLANK.isdisjoint(text):
        return
    flags = {at for flag in _FLAG.finditer(text) for at in range(*flag.span())}
    for at, character in enumerate(text):
        if is_invisible(character) and at not in flags and not _shapes(text, at):
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
