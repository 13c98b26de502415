"""Tags of any resource."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from connections.domain.limits import MAX_TAGS, TAG_KEY_LENGTH, TAG_VALUE_LENGTH
from connections.domain.parsing import short
from connections.domain.problems import Problem
from connections.domain.rules.names import line_problems
from connections.messages import message as _


def tag_problems(pairs: Sequence[tuple[str, str]], field: str = "tags") -> Iterator[Problem]:
    """Tags of one resource [P95, P96]: at most 20, keys unique, no reserved prefix, no web address."""
    if len(pairs) > MAX_TAGS:
        yield Problem(
            field,
            "too_many",
            _("A resource carries at most {maximum} tags.", maximum=MAX_TAGS),
        )
        return
    seen = set()
    for key, value in pairs:
        if not key:
            yield Problem(field, "key_missing", _("Enter a key for the value “{value}”.", value=short(value)))
            continue
        if key in seen:
            yield Problem(
                field, "duplicate", _("The key “{key}” is there twice. Each key may appear once.", key=short(key))
            )
        seen.add(key)
        for part, what, text, maximum in (
            ("key", _("key"), key, TAG_KEY_LENGTH),
            ("value", _("value"), value, TAG_VALUE_LENGTH),
        ):
            yield from (replace(problem, code=f"{part}_{problem.code}") for problem in line_problems(field, text))
            if len(text) > maximum:
                yield Problem(
                    field,
                    f"{part}_too_long",
                    _(
                        "The {what} “{short}” is longer than {maximum} characters.",
                        what=what,
                        short=short(text),
                        maximum=maximum,
                    ),
                )
            if text.lower().startswith(("aliyun", "acs:")):
                yield Problem(
                    field,
                    f"{part}_reserved_prefix",
                    _("The {what} “{short}” must not start with aliyun or acs:.", what=what, short=short(text)),
                )
            if re.search(r"https?://", text, re.IGNORECASE):
                yield Problem(
                    field,
                    f"{part}_url",
                    _("The {what} “{short}” must not contain http:// or https://.", what=what, short=short(text)),
                )
