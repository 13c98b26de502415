"""Set up the data folder. Commands that migrate do this; importing the settings writes nothing."""

import os
import secrets
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.core.management.utils import get_random_secret_key

from connections.persistence.encryption import make_keys
from vpnconsole import file_modes, paths


def prepare() -> None:
    """Create the data folder, the secret key and a SQLite database if they are missing, and make them private.

    Encryption keys are created after the migration, and only if no stored secret needs older ones.
    """
    database = settings.DATABASES["default"]
    path = Path(database["NAME"]) if database["ENGINE"].endswith("sqlite3") else None
    # A PostgreSQL database is not asked. The file of encryption keys is created with the first database.
    is_in_use = any(file.exists() for file in (path, settings.DATA_DIR / "encryption-keys") if file)
    file_modes.make_private(settings.DATA_DIR)
    if path:
        if paths.EMPTY_DATABASE.exists() and path == settings.DATA_DIR / file_modes.DATABASE and not path.exists():
            _copy_empty_database(path)
        file_modes.close_to_others(file_modes.database_files(path))
    if not os.environ.get("SECRET_KEY") and not settings.SECRET_KEY_FILE.exists():
        make_keys(settings.SECRET_KEY_FILE, get_random_secret_key())
        if is_in_use:
            sentence = f"{settings.SECRET_KEY_FILE} was missing. It has a new key: everybody has to sign in again."
            print(sentence, file=sys.stderr, flush=True)


def _copy_empty_database(path: Path) -> None:
    """Create the database atomically, so that it is either missing or whole."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        shutil.copyfile(paths.EMPTY_DATABASE, beside)
        # Another process may have created it first.
        with suppress(FileExistsError):
            os.link(beside, path)
    finally:
        beside.unlink(missing_ok=True)
