#!/usr/bin/env python3
"""Fetch what we serve of others into static/vendor/: pinned, checked, recorded. Needs npm; running the app does not."""

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

# The classes that templates, crispy and our own style sheet use. Everything else of the style sheet stays behind: it
# would be half of what the first page transfers.
CLASSES = re.compile(
    r"(btn|btn-(primary|danger|check)|form-(control|select|check|check-input|text)|invalid-feedback|is-invalid|alert|"
    r"visually-hidden(-focusable)?|disabled|active|show)"
)


def blocks(css: str):
    """The rules of a style sheet, each as what stands before its braces and what stands in them."""
    at = 0
    while (opening := css.find("{", at)) >= 0:
        depth, end = 1, opening + 1
        while depth:
            depth += {"{": 1, "}": -1}.get(css[end], 0)
            end += 1
        yield css[at:opening].strip(), css[opening + 1 : end - 1]
        at = end


def is_used(selector: str) -> bool:
    return all(CLASSES.fullmatch(name) for name in re.findall(r"\.([a-zA-Z][\w-]*)", selector))


def reduced(css: str) -> str:
    """The rules whose selectors ask for no class but those that are used."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    kept = []
    for head, body in blocks(css):
        head = re.sub(r"^.*?;", "", head) if head.startswith("@charset") else head
        if head.startswith("@media"):
            if inner := reduced(body):
                kept.append(f"{head}{{{inner}}}")
        elif not head.startswith("@"):
            # A comma within brackets separates nothing.
            selectors = [one for one in re.split(r",(?![^(]*\))", head) if is_used(one)]
            if selectors:
                kept.append(f"{','.join(selectors)}{{{body}}}")
    return "".join(f"{rule}\n" for rule in kept)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", f"{PACKAGE}@{VERSION}"], cwd=folder, check=True)
        archive = Path(folder, f"{PACKAGE}-{VERSION}.tgz")
        found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if found != INTEGRITY:
            raise SystemExit(f"{archive.name} is not what it should be: {found}")
        target = VENDOR / PACKAGE
        target.mkdir(parents=True, exist_ok=True)
        record = {"name": PACKAGE, "version": VERSION, "licence": LICENCE, "integrity": INTEGRITY, "files": {}}
        with tarfile.open(archive) as package:
            for member, name in FILES.items():
                text = package.extractfile(member).read().decode()
                # The map is not served, and collecting static files would look for it.
                text = re.sub(r"\n?/\*# sourceMappingURL=.*?\*/\n?", "\n", text)
                if name.endswith(".css"):
                    text = f"/* Reduced from Bootstrap {VERSION}, MIT; see LICENSE. */\n{reduced(text)}"
                (target / name).write_text(text)
                record["files"][name] = hashlib.sha256(text.encode()).hexdigest()
    (VENDOR / "vendored.json").write_text(json.dumps([record], indent=2) + "\n")


if __name__ == "__main__":
    main()
