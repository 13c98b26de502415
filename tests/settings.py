"""The project's settings, made fast and deterministic for tests."""

import atexit
import os
import shutil
from pathlib import Path

from vpnconsole.testing.folders import make_folder

os.environ.setdefault("DEMO_MODE", "1")
# Also for processes that tests start with `run`; tests/kit has a server with it.
os.environ.setdefault("KIT", "0")
# Races of many writers are no test of how quick a loaded machine is.
os.environ.setdefault("DATABASE_TIMEOUT", "60")
os.environ["SECRET_KEY"] = "only for tests, which keep no secrets"
os.environ["VPNCONSOLE_DATA"] = str(make_folder("vpnconsole-tests-"))

from connections.persistence import encryption
from vpnconsole.settings import *  # noqa: F403
from vpnconsole.settings import DATA_DIR, DATABASES, ENCRYPTION_KEYS

atexit.register(shutil.rmtree, DATA_DIR, ignore_errors=True)
# A file, because the threads of the live server read it too.
DATABASES["default"].setdefault("TEST", {})
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"]["NAME"] = str(Path(DATA_DIR) / "test.sqlite3")
DATABASES["default"]["CONN_MAX_AGE"] = 0

# Migrating an empty database creates the keys; some tests have no database.
encryption.make_keys(ENCRYPTION_KEYS, encryption.new_key())

# The real hashers are slow on purpose.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# States settle at once, unless a test needs transitions.
TRANSITION_SECONDS = 0
# Each test client has middleware of its own, and WhiteNoise would list all static files for each.
WHITENOISE_AUTOREFRESH = True
