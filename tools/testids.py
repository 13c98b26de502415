"""Writes docs/testids.md from the registry of test ids: `python -m tools.testids`."""

import os
from pathlib import Path
from typing import Any

import django
from django import forms

from connections.console.testids import AREAS
from connections.domain.applicability import APPLIES_WHEN, SINGLE_ONLY
from connections.domain.sections import SECTIONS, TAGS, TUNNEL_FIELDS

TARGET = Path(__file__).resolve().parent.parent / "docs" / "testids.md"
HEAD = """# Test ids

Written by `python -m tools.testids` from `connections/console/testids.py`; a test fails when it is out of date.

People and tests should find elements by their accessible names. In addition, every control and every value that a test
reads has a `data-testid`, which is unique on its page and the same in both languages. `{…}` is a placeholder: the ID of
a resource, the name of a field, or a position counted from 1.

`<html data-idle>` is set while no request, swap or submit is in flight, or waits until typing stops:

```python
page.get_by_test_id("field-enable_bgp").check()
page.locator("html[data-idle]").wait_for(state="attached")
page.get_by_test_id("field-tunnel1-tunnel_cidr").fill("169.254.10.0/30")
```

What a page shows is also in attributes, in the words of the API, which are the same in both languages:

| attribute | where | what |
| --- | --- | --- |
| `data-name` | rows of lists, options | the name of the resource |
| `data-state`, `data-status` | cells, details | state of a connection; negotiation status |
| `data-operation`, `data-outcome` | events | what was done; `success` or `refused` |
| `data-operation` | `message-{n}` | what the user has just done |
| `data-code` | errors of fields and dialogs | the rule that is broken, or why the operation was refused |

The IDs of the demo's resources are the same in every installation, as are its accounts' UIDs, so tests can use them:
`hamburg-primary`, for example, is `vco-gw8y1s8pg2qmhykf6ideq`.
"""


def text() -> str:
    parts = [HEAD]
    for area in AREAS:
        rows = "\n".join(f"| `{name}` | {what} |" for name, what in area.names)
        parts.append(f"## {area.title}\n\n| test id | what it is |\n| --- | --- |\n{rows}\n")
    return "\n".join([*parts, _fields()])


FIELDS = """## Fields of a connection

Set the fields that others depend on first. `tunnel1-` is `tunnel2-` for the second tunnel. A value of a set of
buttons is a control of its own: `field-routing_mode-protected`.

| test id | values | is there |
| --- | --- | --- |
"""


def _fields() -> str:
    """A table of the form's fields: their values, and what they depend on."""
    # Forms need Django.
    from connections.console.forms.connections import AttachmentPart, ConnectionPart, TunnelPart

    fields = ConnectionPart.base_fields | AttachmentPart.base_fields | TunnelPart.base_fields
    rows = []
    for name in (name for section in SECTIONS if section is not TAGS for name in section.fields):
        when = []
        if name in APPLIES_WHEN:
            decider, value = APPLIES_WHEN[name]
            when.append(f"with `{decider}`" if value is True else f"with `{decider}` = `{value}`")
        if name in SINGLE_ONLY:
            when.append("with one tunnel")
        test_id = f"field-tunnel1-{name}" if name in TUNNEL_FIELDS else f"field-{name}"
        rows.append(f"| `{test_id}` | {_values(fields[name])} | {', '.join(when)} |")
    return FIELDS + "\n".join(rows) + "\n"


def _values(field: Any) -> str:
    from connections.console.autocomplete import ResourceChoiceField
    from connections.persistence.fields import CidrListFormField

    match field:
        case ResourceChoiceField():
            return "an ID; options have `data-name`"
        case CidrListFormField():
            return "CIDR blocks, one a row"
        case forms.BooleanField():
            return "a check box"
        case forms.ChoiceField():
            choices: Any = field.choices
            values = [value for value, _label in choices if value != ""]
            return ", ".join(f"`{value}`" for value in values) or "a zone"
    return "text"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vpnconsole.settings")
    django.setup()
    TARGET.write_text(text())
