"""Backups restored on the other database: from SQLite to PostgreSQL and back, without any difference."""

import os
import shutil

import pytest

from vpnconsole.testing import pg
from vpnconsole.testing.served import Browser, environment, manage, served

pytestmark = [
    pytest.mark.pg,
    pytest.mark.skipif("DATABASE_URL" not in os.environ, reason="takes both databases; runs with --pg"),
]

# Every row with its secrets opened, one per line. PostgreSQL orders the names in JSON values differently.
SHOW = """
import json
from connections.persistence.encryption import Sealed
from connections.services.backups import stored_models
for model in stored_models():
    columns = [column.attname for column in model._meta.concrete_fields]
    for row in model._base_manager.order_by("pk").values_list(*columns):
        values = [one.open() if isinstance(one, Sealed) else one for one in row]
        print("ROW", json.dumps([model._meta.label, *values], default=str, sort_keys=True))
"""

# Texts that the two databases store differently.
LIFE = """
from connections.models import Connection, CustomerGateway, SavedFilter, User
from connections.services.operations import Actor
from connections.services.connections import delete_connection
from connections.services.preferences import choose_columns, save_filter
from vpnconsole.testing import factories
user = User.objects.get(username="alice")
gateway = factories.make_customer_gateway(user.account, name="Köln “α” 🙂 \\\\ ' % _", asn=4294967294,
                                          auth_key="k'\\\\%s", tags=[("Straße", "名"), ("empty", "")])
kept = factories.make_connection(user.account, gateway=gateway, routing_mode="protected",
                                 local_subnet=["10.0.0.0/16", "10.1.0.0/16"], remote_subnet=["192.168.0.0/16"])
gone = factories.make_connection(user.account, gateway=gateway, name="gone")
delete_connection(Actor.of(user), gone)
choose_columns(user, "connection-list", ["name", "state"])
save_filter(user, "connection-list", "mine", "q=%2B&tag=a%3Db")
"""

# Two accounts create, delete, export and import in random order; IDs come back.
LIVES = """
from tests.lives import Lives
for seed in range(4):
    Lives(f"moving {seed}").run()
"""


def done(env, *words) -> str:
    ended = manage(env, *words)
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-4000:]
    return ended.stdout


def rows(env, life: str = "") -> list[str]:
    """All rows, after these statements."""
    found = [line for line in done(env, "shell", "-v0", "-c", life + SHOW).splitlines() if line.startswith("ROW ")]
    assert len(found) > 100
    return found


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    """An installation on each database, both empty and with the same keys."""
    lite, full = (tmp_path_factory.mktemp(name) for name in ("lite", "full"))
    env = environment(lite, PRODUCTION="1")
    with pg.database("migrated") as address:
        installations = env, env | {"VPNCONSOLE_DATA": str(full), "DATABASE_URL": address}
        for one in installations:
            done(one, "migrate", "-v0")
        yield installations


@pytest.fixture
def homes(migrated, tmp_path):
    """Copies of them: the one on SQLite, and the one on PostgreSQL."""
    lite, full = migrated
    shutil.copytree(lite["VPNCONSOLE_DATA"], tmp_path / "lite")
    with pg.database("moving", full["DATABASE_URL"]) as address:
        yield (
            lite | {"VPNCONSOLE_DATA": str(tmp_path / "lite")},
            full | {"VPNCONSOLE_DATA": str(tmp_path / "full"), "DATABASE_URL": address},
        )


def test_everything_moves(homes, tmp_path):
    """To PostgreSQL, where more is made, and all of it back to SQLite, where more is made as well."""
    lite, full = homes
    done(lite, "seed_demo")
    for old, new, mine in ((lite, full, "mine"), (full, lite, "new")):
        before = rows(old, LIFE.replace('"mine"', f'"{mine}"') + LIVES.replace("moving", f"moving {mine}"))
        assert any("Stra\\u00dfe" in row and "\\u540d" in row for row in before)
        file = tmp_path / f"{mine}.backup"
        done(old, "backup", str(file))
        # On the way back it replaces everything that was there.
        replacing = ["--replace"] if new is lite else []
        assert f"{len(before)} rows restored" in done(new, "restore", str(file), *replacing).replace(",", "")
        assert rows(new) == before
        assert "Everything fits together." in done(new, "check_data")
        # Searching finds the restored rows.
        with served(new, tmp_path / f"{mine}.log") as server:
            alice = Browser(server, "alice")
            assert "Köln" in alice.get("/eu-central-1/customer-gateways/?q=k%C3%B6ln").text
            assert "hamburg-primary" in alice.get("/eu-central-1/connections/?q=urg-prim").text
    # New rows can be created.
    done(lite, "shell", "-v0", "-c", LIFE.replace('"mine"', '"newest"'))
    assert "Everything fits together." in done(lite, "check_data")


def test_what_the_other_database_does_not_take_is_said(homes, tmp_path):
    """SQLite stores the zero character, PostgreSQL does not: the restore is refused as a whole, in one sentence."""
    old, new = homes
    file = tmp_path / "file.backup"
    done(old, "seed_demo")
    broken = "from connections.models import Cen; Cen.objects.update(description=chr(0))"
    done(old, "shell", "-v0", "-c", broken)
    done(old, "backup", str(file))
    ended = manage(new, "restore", str(file))
    assert ended.returncode == 1
    assert "Nothing was restored." in ended.stderr
    assert "connections.cen" in ended.stderr
    assert "Traceback" not in ended.stderr
    count = "from connections.models import Account; print('ACCOUNTS', json.dumps(Account.objects.count()))"
    assert "ACCOUNTS 0" in done(new, "shell", "-v0", "-c", f"import json; {count}")
