"""Where tests keep their databases."""

import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a private folder in it
# A database server's log of writes and two workers' databases, with room to spare.
ENOUGH = 2 * 1024**3


def make_folder(prefix: str) -> Path:
    """Make a temporary folder, in memory if there is room: each commit waits for the disk, and tests commit often."""
    in_memory = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH
    return Path(tempfile.mkdtemp(prefix=prefix, dir=MEMORY if in_memory else None))
