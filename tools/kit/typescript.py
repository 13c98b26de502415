"""Page objects for TypeScript: the names and values of python.py, as types of this language."""

from tools.kit.python import quoted
from tools.kit.registry import Field, View, all_forms, codes, connection_columns, paths, views

HEAD = """/** Forms of the console, and the codes of its pages. Written by `python -m tools.kit`. */

import type { Locator } from "@playwright/test";

import { Details, type Field, Form, TunnelForm, type Value, View } from "./base.js";
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


def _view(view: View) -> str:
    kind = f"{view.name.removesuffix('View')}Codes"
    typed = "\n".join(f"  readonly {value.name}: {value.codes};" for value in view.values)
    words = ("name", "testid", "attribute")
    declared = "\n".join(
        f"    {{ {', '.join(f'{word}: {quoted(getattr(value, word))}' for word in words)} }}," for value in view.values
    )
    elements = "\n".join(
        f"  /** Its attribute `{value.attribute}` has the code: {value.about}. */\n"
        f"  get {value.name}(): Locator {{\n    return this.element({quoted(value.name)});\n  }}\n"
        for value in view.values
    )
    return (
        f"/** Codes of {view.name}. */\nexport interface {kind} {{\n{typed}\n}}\n\n"
        f"/** {view.about}. */\nexport class {view.name} extends {view.base}<{kind}> {{\n"
        f"  static override readonly VALUES: readonly Value[] = [\n{declared}\n  ];\n\n{elements}}}\n"
    )


def text() -> str:
    """The module pages.ts. Lines may be long: nobody edits them."""
    lines = [f"  {name}: {quoted(path)}," for name, path in paths().items()]
    parts = [
        HEAD,
        "/** Of lists, below the console's address. */\nexport const PATHS = {\n"
        + "\n".join(lines)
        + "\n} as const;\n",
        f"export type ConnectionColumn = {_union(tuple(connection_columns()))};\n",
        "\n".join(f"export type {name} = {_union(values)};" for name, values in codes().items()) + "\n",
    ]
    for form in all_forms():
        values = f"{form.name.removesuffix('Form')}Values"
        typed = "\n".join(f"  {field.name}?: {_type(field)} | undefined;" for field in form.fields)
        parts.append(f"/** Values of {form.name}. */\nexport interface {values} {{\n{typed}\n}}\n")
        fields = "\n".join(f"    {_declared(field)}," for field in form.fields)
        parts.append(
            f"/** {form.about}. */\nexport class {form.name} extends {form.base}<{values}> {{\n"
            f"  static override readonly FIELDS: readonly Field[] = [\n{fields}\n  ];\n}}\n"
        )
    return "\n".join([*parts, *map(_view, views())])
