"""Projects for Node in which the npm package is installed without the network, as a tester's are."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from vpnconsole.testing.machine import KIT_PACKAGE, launch_options

NAME = "@vpn-console/playwright"


def packed(folder: Path) -> Path:
    """The package as it is published."""
    copy = shutil.copytree(KIT_PACKAGE, folder / "playwright", ignore=shutil.ignore_patterns("node_modules", "dist"))
    (copy / "node_modules").symlink_to(KIT_PACKAGE / "node_modules")
    done = subprocess.run(["npm", "pack", "--pack-destination", folder], cwd=copy, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = folder.glob("*.tgz")
    return file


class NodeProject:
    """A folder with the package, and the version of Playwright Test that another folder has installed."""

    def __init__(self, folder: Path, package: Path, playwright: Path = KIT_PACKAGE, kind: str = "module"):
        self.folder, self.modules = folder, folder / "node_modules"
        (self.modules / NAME).parent.mkdir(parents=True)
        for source in (playwright, KIT_PACKAGE):
            for module in (source / "node_modules").iterdir():
                if not module.name.startswith(".") and not (self.modules / module.name).exists():
                    (self.modules / module.name).symlink_to(module)
        # Python's tarfile warns without a filter, which 3.11.2 does not know.
        subprocess.run(["tar", "-xf", package, "-C", folder], check=True)
        (folder / "package").rename(self.modules / NAME)
        (folder / "package.json").write_text(json.dumps({"private": True, "type": kind}))
        launch = {"executablePath": launch_options()["executable_path"], "args": launch_options()["args"]}
        (folder / "launch.json").write_text(json.dumps(launch))

    def node(self, program: str, *words: str, **env: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            ["node", self.modules / program, *words], cwd=self.folder, capture_output=True, text=True,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), **env},
        )  # fmt: skip

    def run(self, url: str, token: str, *words: str) -> list[dict]:
        """Run tests against a server. Return what Playwright Test reports of each: its JSON reporter is configured."""
        done = self.node("@playwright/test/cli.js", "test", *words, VPN_CONSOLE_URL=url, KIT_TOKEN=token)
        assert done.stdout.startswith("{"), done.stdout + done.stderr
        assert "second time" not in done.stdout + done.stderr
        return list(_specs(json.loads(done.stdout)))


def _specs(suite: dict):
    yield from suite.get("specs", ())
    for inner in suite.get("suites", ()):
        yield from _specs(inner)
