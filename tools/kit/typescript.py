"""Page objects for TypeScript: the names and values of python.py, as types of this language."""

from tools.kit.python import quoted
from tools.kit.registry import Field, all_forms, connection_columns, paths

HEAD = """/** Forms of the console, with the names and values of their fields. Written by `python -m tools.kit`. */

import { type Field, Form } from "./base.js";
"""


def _union(values: tuple[str, ...]) -> str:
    return " | ".join(map(quoted, values))


def _type(field: Field) -> str:
    value = _union(field.values) if field.values else "string"
    typed = {
        "switch": "boolean",
        "rows": "readonly string[]",
        "selects": f"readonly ({value})[]",
        "tags": "Readonly<Record<string, string>>",
    }
    return typed.get(field.kind, "number | string" if field.is_number else value)


def _declared(field: Field) -> str:
    words = [f"name: {quoted(field.name)}", f"kind: {quoted(field.kind)}"]
    if field.html_name != field.name:
        words.append(f"htmlName: {quoted(field.html_name)}")
    if field.needs:
        pairs = ", ".join(
            f"{name}: {quoted(value) if isinstance(value, str) else str(value).lower()}"
            for name, value in field.needs.items()
        )
        words.append(f"needs: {{ {pairs} }}")
    if field.after:
        words.append(f"after: [{', '.join(map(quoted, field.after))}]")
    return f"{{ {', '.join(words)} }}"


def text() -> str:
    """The module pages.ts. Lines may be long: nobody edits them."""
    lines = [f"  {name}: {quoted(path)}," for name, path in paths().items()]
    parts = [
        HEAD,
        "/** Of lists, below the console's address. */\nexport const PATHS = {\n"
        + "\n".join(lines)
        + "\n} as const;\n",
        f"export type ConnectionColumn = {_union(tuple(connection_columns()))};\n",
    ]
    for form in all_forms():
        values = f"{form.name.removesuffix('Form')}Values"
        typed = "\n".join(f"  {field.name}?: {_type(field)} | undefined;" for field in form.fields)
        parts.append(f"/** Values of {form.name}. */\nexport interface {values} {{\n{typed}\n}}\n")
        fields = "\n".join(f"    {_declared(field)}," for field in form.fields)
        parts.append(
            f"/** {form.about}. */\nexport class {form.name} extends Form<{values}> {{\n"
            f"  static override readonly FIELDS: readonly Field[] = [\n{fields}\n  ];\n}}\n"
        )
    return "\n".join(parts)
