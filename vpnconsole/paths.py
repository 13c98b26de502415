"""Where the console's files are, in a checkout and in an installation. Importing this writes nothing."""

import hashlib
import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
# A wheel has the templates inside the package, where `tools/wheel.py` puts them.
IS_INSTALLED = (PACKAGE / "templates").is_dir()
# The folder of templates/, static/ and locale/.
RESOURCES = PACKAGE if IS_INSTALLED else PACKAGE.parent
# A migrated database without rows of the console. Only a wheel has it.
EMPTY_DATABASE = PACKAGE / "empty.sqlite3"
# How people start this program.
PROGRAM = "vpn-console" if IS_INSTALLED else "python3 dev.py"


def data_folder() -> Path:
    """The folder of the embedded database and the generated keys, whether it exists or not."""
    if named := os.environ.get("VPNCONSOLE_DATA"):
        return Path(named).absolute()
    if not IS_INSTALLED:
        return RESOURCES / "var"
    # dev.py imports this module before anything is installed.
    from platformdirs import user_data_path

    return user_data_path("vpn-console", appauthor=False)


def memory_folder(data: Path, kind: str) -> Path | None:
    """The folder in memory for files of one kind that belong to a data folder; None where there is no such memory."""
    memory = Path("/dev/shm")  # noqa: S108 - the folder in it is private
    name = f"vpnconsole-{kind}-{hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:16]}"
    return memory / name if memory.is_dir() else None
