"""What is kept of a world after a test."""

import json
from pathlib import Path

from vpn_console_kit.client import KitError, World


def keep(world: World, folder: Path) -> str:
    """Write the world as a file, and its events, states and time as JSON. Return a sentence for the report."""
    try:
        file, state = world.file(), world.state()
    except (KitError, OSError) as error:
        return f"The world could not be kept: {error}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "world.sqlite3.gz").write_bytes(file)
    (folder / "world.json").write_text(json.dumps(state, indent=1, ensure_ascii=False), encoding="utf-8")
    return f"The world is kept: vpn-console open {folder / 'world.sqlite3.gz'}"
