#!/usr/bin/env python3
"""Download third-party static files into static/vendor/: pinned, verified, recorded. Needs npm."""

import base64
import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"

PACKAGE, VERSION, LICENCE = "bootstrap", "5.3.9", "MIT"
INTEGRITY = "sha512-20cU0rcfw8WdxtVbmfU+xT2EjvVTw9Ror/h1Qvd7DXCujRg8OO9mdBCsmTHdJFf3BuadmBNJtgIuUXsBqSkk/w=="
FILES = {"package/dist/css/bootstrap.min.css": "bootstrap.reduced.css", "package/LICENSE": "LICENSE"}

# The classes that templates, crispy and our style sheet use. The rest of Bootstrap's style sheet is left out: it would
# be half of the first page's transfer.
CLASSES = re.compile(
    r"(btn|btn-(primary|danger|check)|form-(control|select|check|check-input|text)|invalid-feedback|is-invalid|alert|"
    r"visually-hidden(-focusable)?|disabled|active|show)"
)

# Elements that no page contains.
ELEMENTS = {"hr", "h5", "h6", "abbr", "address", "blockquote", "sub", "sup", "figure", "iframe", "output"}


def blocks(css: str):
    """The rules of a style sheet: the text before the braces, and the text inside them."""
    at = 0
    while (opening := css.find("{", at)) >= 0:
        depth, end = 1, opening + 1
        while depth:
            depth += {"{": 1, "}": -1}.get(css[end], 0)
            end += 1
        yield css[at:opening].strip(), css[opening + 1 : end - 1]
        at = end


def is_used(selector: str) -> bool:
    elements = set(re.findall(r"(?<![\w.:#=\"-])[a-z][a-z0-9]*", selector))
    return not elements & ELEMENTS and all(
        CLASSES.fullmatch(name) for name in re.findall(r"\.([a-zA-Z][\w-]*)", selector)
    )


def reduced(css: str) -> str:
    """The rules whose selectors contain only classes and elements that are used."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    kept = []
    for head, body in blocks(css):
        head = re.sub(r"^.*?;", "", head) if head.startswith("@charset") else head
        if head.startswith("@media"):
            if inner := reduced(body):
                kept.append(f"{head}{{{inner}}}")
        elif not head.startswith("@"):
            # A comma within parentheses does not separate selectors.
            selectors = [one for one in re.split(r",(?![^(]*\))", head) if is_used(one)]
            if selectors and body:
                kept.append(f"{','.join(selectors)}{{{body}}}")
    return "".join(f"{rule}\n" for rule in kept)


def without_unused(css: str, ours: str) -> str:
    """A style sheet without the custom properties that neither it nor our style sheets read."""
    read = set(re.findall(r"var\((--[\w-]+)", css + ours))
    declared = re.compile(r"(--[\w-]+):(?:\"[^\"]*\"|url\([^)]*\)|[^;}\"])*;?")
    shorter = declared.sub(lambda found: found[0] if found[1] in read else "", css)
    # What only an unused one has read is unused now, and rules may be empty.
    shorter = re.sub(r"(?m)^[^{}@]+\{\}\n", "", shorter)
    return css if shorter == css else without_unused(shorter, ours)


def own_style_sheets() -> str:
    return "".join(sheet.read_text() for sheet in (VENDOR.parent / "console").glob("*.css"))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", f"{PACKAGE}@{VERSION}"], cwd=folder, check=True)
        archive = Path(folder, f"{PACKAGE}-{VERSION}.tgz")
        integrity = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if integrity != INTEGRITY:
            raise SystemExit(f"{archive.name} has another hash: {integrity}")
        target = VENDOR / PACKAGE
        target.mkdir(parents=True, exist_ok=True)
        hashes: dict[str, str] = {}
        with tarfile.open(archive) as package:
            for member, name in FILES.items():
                if not (file := package.extractfile(member)):
                    raise SystemExit(f"{archive.name}: {member} is not a file")
                text = file.read().decode()
                # The source map is not served, but collectstatic would look for it.
                text = re.sub(r"\n?/\*# sourceMappingURL=.*?\*/\n?", "\n", text)
                if name.endswith(".css"):
                    used = without_unused(reduced(text), own_style_sheets())
                    text = f"/* Reduced from Bootstrap {VERSION}, MIT; see LICENSE. */\n{used}"
                (target / name).write_text(text)
                hashes[name] = hashlib.sha256(text.encode()).hexdigest()
    record = {"name": PACKAGE, "version": VERSION, "licence": LICENCE, "integrity": INTEGRITY, "files": hashes}
    (VENDOR / "vendored.json").write_text(json.dumps([record], indent=2) + "\n")


if __name__ == "__main__":
    main()
