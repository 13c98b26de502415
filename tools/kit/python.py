"""Page objects for Python: names and values of fields as types."""

from tools.kit.registry import Field, all_forms, connection_columns, paths

HEAD = '''"""Forms of the console, with the names and values of their fields. Written by `python -m tools.kit`."""

from collections.abc import Mapping, Sequence
from typing import Literal, Self, TypedDict, Unpack

from vpn_console_kit.base import Field, Form
'''


def _literal(values: tuple[str, ...]) -> str:
    return f"Literal[{', '.join(map(quoted, values))}]"


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _type(field: Field) -> str:
    value = _literal(field.values) if field.values else "str"
    typed = {"switch": "bool", "rows": "Sequence[str]", "selects": f"Sequence[{value}]", "tags": "Mapping[str, str]"}
    return typed.get(field.kind, "int | str" if field.is_number else value)


def _declared(field: Field) -> str:
    words = [quoted(field.name), quoted(field.kind)]
    if field.html_name != field.name:
        words.append(quoted(field.html_name))
    if field.needs:
        needs = {name: quoted(value) if isinstance(value, str) else value for name, value in field.needs.items()}
        pairs = ", ".join(f"{quoted(name)}: {value}" for name, value in needs.items())
        words.append(f"needs={{{pairs}}}")
    if field.after:
        words.append(f"after=({', '.join(map(quoted, field.after))},)")
    return f"Field({', '.join(words)})"


def text() -> str:
    """The module pages.py. Lines may be long: nobody edits them."""
    parts = [HEAD]
    lines = [f"    {quoted(name)}: {quoted(path)}," for name, path in paths().items()]
    parts.append("# Of lists, below the console's address.\nPATHS = {\n" + "\n".join(lines) + "\n}\n")
    parts.append(f"ConnectionColumn = {_literal(tuple(connection_columns()))}\n")
    for form in all_forms():
        values = f"{form.name.removesuffix('Form')}Values"
        typed = "\n".join(f"    {field.name}: {_type(field)}" for field in form.fields)
        parts.append(f'\nclass {values}(TypedDict, total=False):\n    """Values of {form.name}."""\n\n{typed}\n')
        fields = "\n".join(f"        {_declared(field)}," for field in form.fields)
        parts.append(
            f'\nclass {form.name}(Form):\n    """{form.about}."""\n\n    FIELDS = (\n{fields}\n    )\n\n'
            f"    def fill(self, **values: Unpack[{values}]) -> Self:\n"
            '        """Set fields by their names, deciding ones first. Raises NoSuchField, NoSuchValue."""\n'
            "        self._fill(values)\n        return self\n"
        )
    return "\n".join(parts)
