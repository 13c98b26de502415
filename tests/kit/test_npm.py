"""The npm package in projects of testers, with the server of these tests; and its page objects beside Python's.

`python -m tools.npm` tries more versions of Playwright Test, installed from the registry.
"""

import dataclasses
import inspect
import json
import re
import shutil
import tomllib
from pathlib import Path

import pytest

from tests.kit.test_page_objects import SINGLE, TUNNEL, stored, wanted
from vpn_console_kit import base, client, console, pages
from vpnconsole import paths
from vpnconsole.testing.machine import KIT_PACKAGE, OLDER_PLAYWRIGHT, node_missing
from vpnconsole.testing.node_projects import NAME, NodeProject, packed
from vpnconsole.testing.worlds import TOKEN

SOURCES = KIT_PACKAGE / "src"
PROJECT = Path(__file__).parent / "npm"
MISSING = node_missing(KIT_PACKAGE) or node_missing(OLDER_PLAYWRIGHT)
# Each kind of field. The settings of tunnels are set as others are.
VALUES = {name: value for name, value in SINGLE.items() if name not in TUNNEL}
TSCONFIG = {"strict": True, "module": "nodenext", "target": "es2022", "noEmit": True, "types": ["node"]}
needs_node = pytest.mark.skipif(bool(MISSING), reason=MISSING)


# --- beside Python's, without Node


def test_the_versions_of_server_and_clients_are_equal():
    stated = {
        tomllib.loads(path.read_text())["project"]["version"]
        for path in (paths.RESOURCES / "pyproject.toml", paths.RESOURCES / "clients" / "pytest" / "pyproject.toml")
    }
    stated.add(json.loads((KIT_PACKAGE / "package.json").read_text())["version"])
    stated |= {*re.findall(r'VERSION = "(.+)"', (SOURCES / "version.ts").read_text())}
    assert len(stated) == 1


def test_the_package_depends_on_nothing_but_the_testers_own_playwright():
    """With a Playwright of its own, projects would fail with "Requiring @playwright/test second time"."""
    package = json.loads((KIT_PACKAGE / "package.json").read_text())
    oldest = json.loads((OLDER_PLAYWRIGHT / "package.json").read_text())["dependencies"]["@playwright/test"]
    assert "dependencies" not in package
    assert package["peerDependencies"] == {"@playwright/test": f">={oldest.rpartition('.')[0]}"}


def camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))


def members_in_python(cls: type) -> set[str]:
    """The public names that a class declares, as TypeScript writes them."""
    inherited = {"fill"} if issubclass(cls, base.Form) else set()
    names = {*vars(cls), *getattr(cls, "__dataclass_fields__", {})} - inherited
    return {name if name.isupper() else camel(name) for name in names if not name.startswith("_")}


def members_in_typescript(source: str, name: str) -> set[str]:
    body = re.search(rf"^export class {name}\b[^\n]*\{{(?:\}}$|(.*?)^\}}$)", source, re.M | re.S)
    assert body, name
    words = r"(?:override |readonly |static |async |get )*"
    return {*re.findall(rf"^  {words}(\w+)(?=[(:]| = )", body[1] or "", re.M)} - {"constructor", "name"}


# Where a name is said otherwise, or inherited, in one of the languages.
DIFFERENT = {
    "Form": {"fill", "FIELDS", "field"},
    "KitError": {"hint", "code", "status", "message"},
    "Message": {"operation", "text", "errors"},
    # Types of rows make these needless.
    "ConnectionList": {"row"}, "CustomerGatewayList": {"row"}, "CenList": {"row"},
}  # fmt: skip


@pytest.mark.parametrize("module", [base, console, client], ids=lambda module: module.__name__)
def test_page_objects_and_client_have_the_same_names_in_both_languages(module):
    source = (SOURCES / f"{module.__name__.rpartition('.')[2]}.ts").read_text()
    classes = {
        name: cls
        for name, cls in inspect.getmembers(module, inspect.isclass)
        if cls.__module__ == module.__name__
        and not name.startswith("_")
        and name not in ("Field", "Value", "LogLine", "Named", "AccessKey")
    }
    assert {*classes} == {*re.findall(r"^export class (\w+)", source, re.M)}
    for name, cls in classes.items():
        left_out = DIFFERENT.get(name, set())
        there = members_in_typescript(source, name) - left_out
        # Attributes that a Python object gets when it is made are not seen in its class.
        made = {camel(word) for word in re.findall(r"self\.(\w+)[,: =]", inspect.getsource(cls))}
        assert members_in_python(cls) - left_out <= there, name
        assert there - made <= members_in_python(cls) | {"PATH", "NOUN", "ROW", "DETAILS"}, name


def is_written(thing: object) -> bool:
    """Whether something in `pages` is a class that was written there."""
    return inspect.isclass(thing) and thing.__module__ == pages.__name__


def test_forms_have_the_same_fields_in_both_languages():
    source = (SOURCES / "pages.ts").read_text()
    forms = dict(re.findall(r"^export class (\w+Form) .*?FIELDS.*?\[\n(.*?)^  \];", source, re.M | re.S))
    for name, text in forms.items():
        there = re.findall(r'name: "(\w+)", kind: "(\w+)"', text)
        assert there == [(field.name, field.kind) for field in getattr(pages, name).FIELDS], name
    assert {*forms} == {name for name, cls in inspect.getmembers(pages, is_written) if issubclass(cls, base.Form)}
    # Python's types are compared as text, since both are written from one registry.
    assert set(re.findall(r'^  (\w+): "(.+)",$', source, re.M)) == {*pages.PATHS.items()}


def test_pages_have_the_same_codes_in_both_languages():
    source = (SOURCES / "pages.ts").read_text()
    views = dict(re.findall(r"^export class (\w+View) .*?VALUES.*?\[\n(.*?)^  \];", source, re.M | re.S))
    for name, text in views.items():
        there = re.findall(r'name: "(.+?)", testid: "(.+?)", attribute: "(.+?)"', text)
        assert there == [dataclasses.astuple(value) for value in getattr(pages, name).VALUES], name
        assert members_in_typescript(source, name) <= members_in_python(getattr(pages, name)), name
    assert {*views} == {name for name, cls in inspect.getmembers(pages, is_written) if issubclass(cls, base.View)}


# --- in projects


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> Path:
    return packed(tmp_path_factory.mktemp("package"))


class Project(NodeProject):
    """The project of these tests."""

    def __init__(self, folder: Path, package: Path, playwright: Path, kind: str):
        super().__init__(folder, package, playwright, kind)
        for path in (*PROJECT.glob("*.*ts"), PROJECT / "outside.mjs"):
            shutil.copy(path, folder)
        (folder / "values.json").write_text(json.dumps(VALUES))
        documentation = (paths.RESOURCES / "docs" / "testers.md").read_text(encoding="utf-8")
        (folder / "first.spec.ts").write_text(documentation.split("```ts\n")[1].split("```")[0])

    def check_types(self, **options: bool) -> None:
        (self.folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": TSCONFIG | options}))
        done = self.node("typescript/bin/tsc")
        assert done.returncode == 0, done.stdout

    def statuses(self, server, *files: str) -> dict[str, str]:
        """Run tests. Return the status of each by its title."""
        return {spec["title"]: spec["tests"][0]["status"] for spec in self.run(server.url, TOKEN, *files)}


WORLDS = {
    "is as described, and what was kept comes back": "expected",
    "the key leads into the world": "expected",
    "what the world has is made, stored, and gone after a reset": "expected",
    "a failed test leaves its world": "unexpected",
}
OBJECTS = {
    "each field of a new connection is set by its name": "expected",
    "a form says what is wrong with names and values": "expected",
    "a connection is handed over, found and refused, and pages follow the world": "expected",
    "a tunnel is diagnosed, and its device mended": "expected",
}


@needs_node
@pytest.mark.browser
def test_an_esm_project_with_a_recent_playwright(tmp_path, package, server):
    project = Project(tmp_path, package, KIT_PACKAGE, "module")
    project.check_types()
    assert project.statuses(server, "objects", "world") == {**OBJECTS, **WORLDS}
    kept = [path.name for path in (tmp_path / "test-results").rglob("world.*")]
    assert sorted(kept) == ["world.json", "world.sqlite3.gz"]
    here = client.Server(server.url, TOKEN)
    world = here.open((tmp_path / "single.sqlite3.gz").read_bytes())
    found, expected = stored(world, "single"), wanted(VALUES)
    assert {key: found[key] for key in expected} == expected
    assert [one for one in here.worlds() if one["label"] == "playwright"] == []


@needs_node
@pytest.mark.browser
def test_a_commonjs_project_with_the_oldest_playwright(tmp_path, package, server):
    project = Project(tmp_path, package, OLDER_PLAYWRIGHT, "commonjs")
    assert project.statuses(server, "first") == {"a connection is created and comes up": "expected"}


@needs_node
def test_the_first_call_compares_versions_and_a_server_is_started_unless_one_is_named(tmp_path, package):
    project = Project(tmp_path, package, KIT_PACKAGE, "module")
    done = project.node("../outside.mjs", KIT_TOKEN="a-token")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    version = json.loads((KIT_PACKAGE / "package.json").read_text())["version"]
    other = int(version.split(".")[0]) + 1
    assert said["versions"] == {
        "other": f"{NAME} {version} does not fit VPN Console {other}.0.1 at URL. "
        f"Run: npm install --save-dev {NAME}@{other}",
        "same": [],
        "checkout": [],
    }
    (started,) = said["started"]
    assert started["command"] == "pipx run vpn-console run --testing --port 9000"
    assert started["url"] == said["url"] + "readyz" == "http://127.0.0.1:9000/readyz"
    assert started["env"] == {"KIT_TOKEN": "a-token"}
    assert (said["again"], said["named"]) == ([started], [])
