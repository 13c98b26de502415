"""Tries clients/playwright as testers install it: `python -m tools.npm 1.44.1 1.65.0 1.65.1`.

Packs it, and for each version of Playwright Test, as ESM and as CommonJS, installs both into a fresh project from the
registry, checks types, and runs the first test of docs/testers.md with a console that Playwright starts. Needs npm's
network, and takes a minute for each project. The suite tries two versions without the network.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from vpnconsole import paths
from vpnconsole.testing.machine import KIT_PACKAGE, launch_options

CONSOLE = f"cd {paths.RESOURCES} && {sys.executable} -m vpnconsole"
CONFIG = """
import { defineConfig } from "@playwright/test";
import { consoleServer } from "@vpn-console/playwright";

export default defineConfig({ webServer: consoleServer({ command: COMMAND }), use: { launchOptions: LAUNCH } });
"""
# Types of an older Playwright do not suit the compiler that is current now.
TYPES = {"strict": True, "skipLibCheck": True, "module": "nodenext", "target": "es2022", "noEmit": True}


def run(*words: str | Path, folder: Path) -> None:
    print("+", *words, flush=True)
    subprocess.run(words, cwd=folder, check=True, env={**os.environ, "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD": "1"})


def try_project(folder: Path, package: Path, version: str, kind: str) -> None:
    launch = {"executablePath": launch_options()["executable_path"], "args": launch_options()["args"]}
    config = CONFIG.replace("COMMAND", json.dumps(CONSOLE)).replace("LAUNCH", json.dumps(launch))
    documentation = (paths.RESOURCES / "docs" / "testers.md").read_text(encoding="utf-8")
    (folder / "package.json").write_text(json.dumps({"private": True, "type": kind}))
    (folder / "playwright.config.ts").write_text(config)
    (folder / "first.spec.ts").write_text(documentation.split("```ts\n")[1].split("```")[0])
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": TYPES}))
    needs = (f"@playwright/test@{version}", "typescript", "@types/node", package)
    run("npm", "install", "--silent", "--no-audit", "--no-fund", "--save-dev", *needs, folder=folder)
    run("npx", "tsc", folder=folder)
    run("npx", "playwright", "test", "--reporter=list", folder=folder)


def main(versions: list[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="npm-") as name:
        whole = Path(name)
        run("npm", "pack", "--silent", "--pack-destination", whole, folder=KIT_PACKAGE)
        (package,) = whole.glob("*.tgz")
        for version in versions or ["latest"]:
            for kind in ("module", "commonjs"):
                folder = whole / f"{version}-{kind}"
                folder.mkdir()
                try_project(folder, package, version, kind)


if __name__ == "__main__":
    main(sys.argv[1:])
