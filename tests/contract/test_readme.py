"""Run the examples of the README unchanged."""

import os
import re
import shutil
import subprocess
import sys

import hcl2
import pytest
from django.core.management import call_command

from connections.as_code import terraform
from connections.as_code.steps import Endpoint, Recipe
from connections.models import Account
from dev import ROOT
from vpnconsole.testing.machine import NODE_CLIENTS, node_missing
from vpnconsole.testing.served import prepared, served
from vpnconsole.testing.waiting import PATIENCE

ADDRESS = "127.0.0.1:8000"


def example(language: str) -> str:
    [code] = re.findall(rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert ADDRESS in code
    return code


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The demo as `dev.py run` loads it, on a free port; yields its address."""
    folder = tmp_path_factory.mktemp("readme")
    with served(prepared(folder / "data"), folder / "log") as server:
        yield server.url.removeprefix("http://")


def ran(words: list[str], **options) -> str:
    done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_python(demo):
    output = ran([sys.executable, "-c", example("python").replace(ADDRESS, demo)])
    assert "hamburg-primary" in output
    assert "'TotalCount': 7" in output


@pytest.mark.skipif(bool(node_missing()), reason=node_missing())
def test_node(demo):
    output = ran(["node", "-e", example("js").replace(ADDRESS, demo)], cwd=NODE_CLIENTS)
    assert "statusCode: 200" in output
    assert "totalCount: 7" in output


def test_terraform_parses():
    read = hcl2.loads(example("hcl"))
    assert set(read) >= {"provider", "resource"}


def test_the_provider_block_is_the_one_of_show_as_code():
    [uid] = re.findall(r'account_id += "(\d+)"', example("hcl"))
    shown = terraform.text(Recipe("eu-central-1", []), Endpoint(ADDRESS, "http", uid))
    [block] = re.findall(r'^provider "alicloud" \{\n.*?^\}$', shown, re.MULTILINE | re.DOTALL)
    assert block in example("hcl")
    # Without it, the provider asks a service on the internet for the type of the account at every run.
    assert "account_type" in block


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
def test_terraform_itself_reads_it():
    text = example("hcl")
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
    assert ran(["terraform", "fmt", "-"], input=text, env=environment) == text


@pytest.mark.django_db
def test_the_account_in_the_example_is_the_demos():
    call_command("seed_demo", verbosity=0)
    assert Account.objects.get(name="Harbour Logistics").uid in example("hcl")
