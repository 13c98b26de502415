"""Read the forms of a page as a browser with scripts does: the values that they would send."""

from html.parser import HTMLParser


class _Controls(HTMLParser):
    """Collects the successful controls of every form that posts."""

    def __init__(self):
        super().__init__()
        self.forms: list[dict[str, list[str]]] = []
        self._form: dict[str, list[str]] | None = None
        self._select: str | None = None
        self._chosen: list[str] = []
        self._text: tuple[str, list[str]] | None = None
        self._in_noscript = False

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "noscript":
            self._in_noscript = True
        if self._in_noscript:
            return
        if tag == "form" and (attributes.get("method") or "").lower() == "post":
            self._form = {}
            self.forms.append(self._form)
        if self._form is None or "disabled" in attributes:
            return
        name, value = attributes.get("name"), attributes.get("value")
        if tag == "input" and name:
            kind = attributes.get("type", "text")
            if kind in ("checkbox", "radio"):
                if "checked" in attributes:
                    self._form.setdefault(name, []).append("on" if value is None else value)
            elif kind not in ("submit", "button", "file"):
                self._form.setdefault(name, []).append(value or "")
        elif tag == "select" and name:
            self._select, self._chosen = name, []
            self._first = None
        elif tag == "option" and self._select:
            if self._first is None:
                self._first = value or ""
            if "selected" in attributes:
                self._chosen.append(value or "")
        elif tag == "textarea" and name:
            self._text = (name, [])

    def handle_data(self, data):
        if self._text:
            self._text[1].append(data)

    def handle_endtag(self, tag):
        if tag == "noscript":
            self._in_noscript = False
        elif tag == "form":
            self._form = None
        elif tag == "select" and self._select and self._form is not None:
            values = self._chosen or ([self._first] if self._first is not None else [])
            self._form.setdefault(self._select, []).extend(values)
            self._select = None
        elif tag == "textarea" and self._text and self._form is not None:
            self._form.setdefault(self._text[0], []).append("".join(self._text[1]))
            self._text = None


def forms(html: str) -> list[dict[str, list[str]]]:
    """The values that each form would post if it were submitted unchanged, in the order of the page."""
    reader = _Controls()
    reader.feed(html)
    return reader.forms


def main_form(html: str) -> dict[str, list[str]]:
    """The form with the most controls: the one that the page is about."""
    return max(forms(html), key=len)
