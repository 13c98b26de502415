"""The layers of the application: imports lead downwards only, and only services write."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# From bottom to top. A module imports only from lower layers and its own package, not from its own layer.
LAYERS = (
    {"clock", "english", "hcl", "messages", "metrics", "numbers", "request_context"},
    {"domain"},
    {"ids", "negotiation", "wire"},
    {"persistence", "rate_limit", "search"},
    {"health", "migrating", "models"},
    {"as_code", "diff", "peer_config", "routing", "tunnel_history"},
    {"services"},
    {"demo", "documents"},
    {"api", "console"},
    {"apps", "management", "middleware", "templatetags"},
)
HEIGHT = {name: height for height, layer in enumerate(LAYERS) for name in layer}
FILES = [path for path in sorted((ROOT / "connections").rglob("*.py")) if "migrations" not in path.parts]

# Files outside of services and documents that write rows, and why.
WRITERS = {
    "connections/api/dispatch.py": "records of requests, client tokens and counts, which belong to the API alone",
    "connections/console/sessions.py": "Django's own store of sessions, under other keys",
}
WRITES = {"bulk_create", "bulk_update", "create", "delete", "get_or_create", "save", "update_or_create"}


def room_of(path: Path) -> str:
    """The package or module directly below `connections` in which a file lies."""
    return path.relative_to(ROOT / "connections").parts[0].removesuffix(".py")


def imports(path: Path):
    """The modules that a file imports, with the names that may be modules too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{name.name}") for name in node.names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_lead_downhill(path):
    room = room_of(path)
    if room == "__init__":
        return
    uphill = []
    for line, name in imports(path):
        package, *below = name.split(".")
        assert package != "vpnconsole", f"{path.name}:{line}: the application does not know the project"
        if package == "connections" and below[0] != room and HEIGHT[below[0]] >= HEIGHT[room]:
            uphill.append(f"{line}: {name}")
    assert not uphill


def test_every_room_has_its_layer():
    rooms = {room_of(path) for path in FILES} - {"__init__"}
    assert rooms == set(HEIGHT)


def writes(path: Path):
    """Calls that write rows, by what they are called on: a manager's `create`, a row's `save`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            # A dictionary's `update` takes a dictionary, a query set's the columns by name.
            updates = node.func.attr == "update" and node.keywords and not node.args
            if node.func.attr in WRITES or updates:
                yield node.lineno, ast.unparse(node.func)


def test_only_services_write():
    found = {}
    for room in ("api", "console"):
        for path in sorted((ROOT / "connections" / room).rglob("*.py")):
            if lines := list(writes(path)):
                found[str(path.relative_to(ROOT))] = lines
    assert {name: lines for name, lines in found.items() if name not in WRITERS} == {}
    assert set(WRITERS) <= set(found), "an exception that is none any more"
