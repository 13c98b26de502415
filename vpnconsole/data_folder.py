"""Setting up the data folder. Commands that migrate do it, because importing the settings writes nothing."""

import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.core.management.utils import get_random_secret_key

from connections.persistence.encryption import make_keys
from vpnconsole import paths, safety


def prepare() -> None:
    """Create the data folder, the secret key and a SQLite database where they are missing; close them to other users.

    Encryption keys are created after the migration, and only if nothing is stored that needs older ones.
    """
    safety.make_private(settings.DATA_DIR)
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        path = Path(database["NAME"])
        if paths.EMPTY_DATABASE.exists() and path == settings.DATA_DIR / safety.DATABASE and not path.exists():
            _copy_empty_database(path)
        safety.close_to_others(safety.database_files(path))
    if not os.environ.get("SECRET_KEY") and not settings.SECRET_KEY_FILE.exists():
        make_keys(settings.SECRET_KEY_FILE, get_random_secret_key())


def _copy_empty_database(path: Path) -> None:
    """Create the database atomically, so that it is either missing or whole."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        shutil.copyfile(paths.EMPTY_DATABASE, beside)
        # Another process may have been quicker.
        with suppress(FileExistsError):
            os.link(beside, path)
    finally:
        beside.unlink(missing_ok=True)
