"""The part of docs/testids.md about forms and codes."""

from collections.abc import Iterable

from tools.kit.registry import Field, all_forms, codes, views

HEAD = """## Fields of forms

The control of a field has the test id `field-` and the name in the second column; buttons of a set, and rows, go on as
above. Resources are chosen by their IDs; the options have their names in `data-name`. The first column is the name in
page objects (see [testers.md](testers.md)).
"""


CODES = """## Codes of pages

What page objects read by `codes()`, or as an element by the name in the first column. `{stem}` is how the test ids of
the part begin: `tunnel-{id}`, `diagnosis-tunnel1`.
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


def _section(name: str, about: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [columns, ("---",) * len(columns), *rows]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"### {name}\n\n{about}.\n\n{table}\n"


def text() -> str:
    parts = [HEAD]
    for form in all_forms():
        rows = [
            (f"`{field.name}`", f"`{field.html_name}`", field.label, _values(field), _appears(field))
            for field in form.fields
        ]
        parts.append(_section(form.name, form.about, ("name", "test id", "label", "values", "appears with"), rows))
    parts.append(CODES)
    for view in views():
        rows = [
            (f"`{value.name}`", f"`{value.testid}`", f"`{value.attribute}`", value.about, value.codes)
            for value in view.values
        ]
        parts.append(_section(view.name, view.about, ("name", "test id", "attribute", "what", "codes"), rows))
    used = dict.fromkeys(value.codes for view in views() for value in view.values)
    lines = "\n".join(f"| {kind} | {', '.join(f'`{code}`' for code in codes()[kind] if code)} |" for kind in used)
    parts.append(f"| codes | |\n| --- | --- |\n{lines}\n")
    return "\n".join(parts)
