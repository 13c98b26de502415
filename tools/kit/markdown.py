"""The forms' part of docs/testids.md."""

from tools.kit.registry import Field, all_forms

HEAD = """## Fields of forms

The control of a field has the test id `field-` and the name in the second column; buttons of a set, and rows, go on as
above. Resources are chosen by their IDs; the options have their names in `data-name`. The first column is the name in
page objects (see [testers.md](testers.md)).
"""


def _values(field: Field) -> str:
    if field.values:
        return ", ".join(f"`{value}`" for value in field.values)
    kinds = {
        "switch": "on or off", "rows": "several texts", "tags": "keys and values", "select": "what there is",
        "secret": "a secret",
    }  # fmt: skip
    return kinds.get(field.kind, "a number" if field.is_number else "a text")


def _appears(field: Field) -> str:
    shown = [f"`{name}`: {_word(value)}" for name, value in field.needs.items()]
    return ", ".join([*shown, *(f"depends on `{name}`" for name in field.after)])


def _word(value: object) -> str:
    return "on" if value is True else f"`{value}`"


def text() -> str:
    parts = [HEAD]
    for form in all_forms():
        rows = "\n".join(
            f"| `{field.name}` | `{field.html_name}` | {field.label} | {_values(field)} | {_appears(field)} |"
            for field in form.fields
        )
        head = "| name | test id | label | values | appears with |\n| --- | --- | --- | --- | --- |"
        parts.append(f"### {form.name}\n\n{form.about}.\n\n{head}\n{rows}\n")
    return "\n".join(parts)
