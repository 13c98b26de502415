"""What the recorder's exports know of forms: names and kinds of fields by the names in test ids."""

from tools.kit.python import quoted
from tools.kit.registry import all_forms

HEAD = '''"""Fields of forms, for the recorder and its exports. Written by `python -m tools.kit`."""

# Name and kind of each field by its name in test ids. A `choice` has the same values everywhere, a `select` has not.
'''


def text() -> str:
    """The module vpnconsole/kit/exports/forms.py. Lines may be long: nobody edits them."""
    parts = [HEAD, "FORMS = {\n"]
    typed = set()
    for form in all_forms():
        parts.append(f"    {quoted(form.name)}: {{\n")
        for field in form.fields:
            kind = "choice" if field.kind == "select" and field.values else field.kind
            parts.append(f"        {quoted(field.html_name)}: ({quoted(field.name)}, {quoted(kind)}),\n")
            if field.kind == "text" and not field.is_number:
                typed.add(field.html_name)
        parts.append("    },\n")
    parts.append("}\n\n# Fields whose values are texts that somebody has typed.\nTYPED = (\n")
    parts += [f"    {quoted(name)},\n" for name in sorted(typed)]
    parts.append(")\n")
    return "".join(parts)
