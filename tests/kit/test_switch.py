"""Without KIT=1 there is nothing of the kit, and production refuses it unless told twice."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from vpnconsole import environment

ROOT = Path(__file__).parents[2]
PRODUCTION = {
    "PRODUCTION": "1",
    "SECRET_KEY": "abcdefghijklmnopqrstuvwxyz" * 2,
    "ENCRYPTION_KEYS": "ZmVybmV0IGtleXMgaGF2ZSAzMiByYW5kb20gYnl0ZXM=",
    "ALLOWED_HOSTS": "console.example",
}


def problems(**more):
    return [text for text in environment.problems(PRODUCTION | more) if "KIT" in text]


def test_production_refuses_the_kit_with_all_reasons():
    assert problems() == []
    refused = problems(KIT="1")
    assert len(refused) == 3
    for name in ("KIT_PUBLIC=1", "DEMO_MODE=1", "KIT_TOKEN"):
        assert [text for text in refused if name in text]
    public = {"KIT": "1", "KIT_PUBLIC": "1", "DEMO_MODE": "1", "DEMO_MODE_PUBLIC": "1"}
    assert len(problems(**public, KIT_TOKEN="short")) == 1
    assert problems(**public, KIT_TOKEN="t" * 32) == []


@pytest.fixture(scope="module")
def without_kit():
    """What a process without KIT=1 has loaded after it has answered a request."""
    program = """
import sys, django
django.setup()
from django.conf import settings
from django.test import Client
unknown = Client(SERVER_NAME="localhost").get("/nothing/at/all")
kit = Client(SERVER_NAME="localhost").get("/_kit/v1/worlds", headers={"X-VPNC-World": "A" * 16})
print([name for name in sys.modules if name.startswith("vpnconsole.kit")])
print([name for name in [*settings.MIDDLEWARE, *settings.INSTALLED_APPS] if "kit" in name])
print([name for name in settings.TEMPLATES[0]["OPTIONS"]["context_processors"] if "kit" in name])
print(unknown.status_code, kit.status_code, unknown.headers.keys() == kit.headers.keys())
"""
    env = {name: value for name, value in os.environ.items() if not name.startswith("KIT")}
    env |= {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_nothing_of_the_kit_is_loaded_where_it_is_off(without_kit):
    assert without_kit == ["[]", "[]", "[]", "404 404 True"]


# A request is in a world as long as the kit's middleware runs, in its thread alone.
ELSEWHERE = re.compile(r"\b(Thread|ThreadPoolExecutor|ProcessPoolExecutor|Timer|request_finished|async def)\b")


def test_the_application_does_nothing_outside_of_its_requests_thread():
    """Work in another thread, or after the answer, would be done in the installation's data."""
    files = sorted((ROOT / "connections").rglob("*.py"))
    assert len(files) > 150
    assert [str(path) for path in files if ELSEWHERE.search(path.read_text(encoding="utf-8"))] == []
    for text in ("threading.Thread(target=run)", "request_finished.connect(done)", "async def view(request):"):
        assert ELSEWHERE.search(text)


def test_nothing_but_the_settings_and_the_line_with_the_token_name_the_kit():
    files = [*(ROOT / "connections").rglob("*.py"), *(ROOT / "vpnconsole").glob("*.py")]
    naming = sorted(path.name for path in files if "vpnconsole.kit" in path.read_text(encoding="utf-8"))
    assert naming == ["gunicorn.conf.py", "settings.py"]
