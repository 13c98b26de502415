"""What hatchling adds to the wheel: templates, static files, compiled catalogues and an empty database."""

import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WheelHook(BuildHookInterface):
    def dependencies(self) -> list[str]:
        """Compiling catalogues and migrating need the console's dependencies."""
        return self.metadata.core.dependencies

    def initialize(self, version: str, build_data: dict) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        self.temporary = tempfile.TemporaryDirectory(prefix="vpn-console-wheel-")
        _run(root, "-m", "tools.messages", "compile")
        catalogues = {path: path.relative_to(root) for path in root.glob("locale/*/LC_MESSAGES/*.mo")}
        added = {root / "templates": "templates", root / "static": "static", **catalogues}
        added[_empty_database(root, Path(self.temporary.name))] = "empty.sqlite3"
        build_data["force_include"] |= {str(source): f"vpnconsole/{target}" for source, target in added.items()}

    def finalize(self, version: str, build_data: dict, artifact: str) -> None:
        if version != "editable":
            self.temporary.cleanup()


def _run(root: Path, *words: str, **environment: str) -> None:
    subprocess.run([sys.executable, *words], cwd=root, env=os.environ | environment, check=True)


def _empty_database(root: Path, folder: Path) -> Path:
    """A migrated SQLite database in one file. The keys are not included: everybody would have the same."""
    full, target = folder / "console.sqlite3", folder / "empty.sqlite3"
    _run(
        root, "manage.py", "migrate", "--verbosity", "0",
        DJANGO_SETTINGS_MODULE="vpnconsole.settings", PRODUCTION="0",
        VPNCONSOLE_DATA=str(folder), DATABASE_URL=f"sqlite:///{full}",
    )  # fmt: skip
    with closing(sqlite3.connect(full)) as database:
        database.execute("VACUUM INTO ?", [str(target)])
    return target
