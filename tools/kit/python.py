"""Page objects for Python: names and values of fields as types."""

from tools.kit.registry import Field, View, all_forms, codes, connection_columns, paths, views

HEAD = '''"""Forms of the console, and the codes of its pages. Written by `python -m tools.kit`."""

from collections.abc import Mapping, Sequence
from typing import Literal, Self, TypedDict, Unpack, cast

from playwright.sync_api import Locator

from vpn_console_kit.base import Details, Field, Form, TunnelForm, Value, View
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


def _view(view: View) -> str:
    kind = f"{view.name.removesuffix('View')}Codes"
    typed = "\n".join(f"    {value.name}: {value.codes}" for value in view.values)
    words = ("name", "testid", "attribute")
    declared = "\n".join(
        f"        Value({', '.join(quoted(getattr(value, word)) for word in words)})," for value in view.values
    )
    elements = "\n".join(
        f"    @property\n    def {value.name}(self) -> Locator:\n"
        f'        """Its attribute `{value.attribute}` has the code: {value.about}."""\n'
        f"        return self.element({quoted(value.name)})\n"
        for value in view.values
    )
    return (
        f'\nclass {kind}(TypedDict):\n    """Codes of {view.name}."""\n\n{typed}\n\n'
        f'\nclass {view.name}({view.base}):\n    """{view.about}."""\n\n    VALUES = (\n{declared}\n    )\n\n'
        f"{elements}\n    def codes(self) -> {kind}:\n"
        '        """The codes that are shown now; blank where there is none."""\n'
        f"        return cast({kind}, super().codes())\n"
    )


def text() -> str:
    """The module pages.py. Lines may be long: nobody edits them."""
    parts = [HEAD]
    lines = [f"    {quoted(name)}: {quoted(path)}," for name, path in paths().items()]
    parts.append("# Of lists, below the console's address.\nPATHS = {\n" + "\n".join(lines) + "\n}\n")
    parts.append(f"ConnectionColumn = {_literal(tuple(connection_columns()))}\n")
    parts.append("\n".join(f"{name} = {_literal(values)}" for name, values in codes().items()) + "\n")
    for form in all_forms():
        values = f"{form.name.removesuffix('Form')}Values"
        typed = "\n".join(f"    {field.name}: {_type(field)}" for field in form.fields)
        parts.append(f'\nclass {values}(TypedDict, total=False):\n    """Values of {form.name}."""\n\n{typed}\n')
        fields = "\n".join(f"        {_declared(field)}," for field in form.fields)
        parts.append(
            f'\nclass {form.name}({form.base}):\n    """{form.about}."""\n\n    FIELDS = (\n{fields}\n    )\n\n'
            f"    def fill(self, **values: Unpack[{values}]) -> Self:\n"
            '        """Set fields by their names, deciding ones first. Raises NoSuchField, NoSuchValue."""\n'
            "        self._fill(values)\n        return self\n"
        )
    return "\n".join([*parts, *map(_view, views())])
