"""Every language reproduces exactly what users type, and none contains secrets."""

import ast
import json
import os
import re
import shutil
import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connections.as_code import python, request, shell, terraform
from connections.as_code.steps import Declaration, Endpoint, Fields, Recipe, Result, Secret, Step, Wait
from connections.wire.operations import Operation, Product

ENDPOINT = Endpoint("console.example:8000", "http", "1234567890123456")
# No NUL: Django's fields refuse it.
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=40)
NASTY = 'it\'s "quoted" `id` $(id) $HOME ${var.x} %{ if } \\ \n -- # 名 \x1f\u2028'


def recipe(text: str = "plain") -> Recipe:
    """Every kind of value, with the text in every position that can contain user input."""
    made = Step(
        Product.VPC,
        Operation.CREATE_VPN_ATTACHMENT,
        {
            "RegionId": "eu-central-1",
            "Name": text,
            "EnableDpd": True,
            "IkeConfig": {"Psk": Secret("PRE_SHARED_KEY"), "RemoteId": text, "IkeLifetime": 86400},
            "TunnelOptionsSpecification": [
                {"TunnelIndex": 2, "TunnelIkeConfig": {"Psk": Secret("PRE_SHARED_KEY"), "LocalId": text}}
            ],
            "Tags": [{"Key": text, "Value": text}, {"Key": "empty", "Value": ""}],
        },
        "connection",
        "VpnConnectionId",
    )
    ready = Wait(
        Product.VPC, Operation.DESCRIBE_VPN_CONNECTION, {"VpnConnectionId": Result("connection")}, ("State",), "init"
    )
    attach = Step(
        Product.CBN,
        Operation.CREATE_TRANSIT_ROUTER_VPN_ATTACHMENT,
        {"VpnId": Result("connection"), "Zone": [{"ZoneId": "eu-central-1a"}]},
        "attachment",
        "TransitRouterAttachmentId",
        after=ready,
    )
    tunnel = Step(
        Product.VPC,
        Operation.MODIFY_TUNNEL_ATTRIBUTE,
        {"TunnelOptionsSpecification": Fields({"EnableDpd": False, "TunnelIkeConfig": {"IkePfs": text}})},
    )
    return Recipe("eu-central-1", [made, attach, tunnel], [Declaration(made), Declaration(attach, "tr-attach-1")])


def keyword(tree: ast.AST, name: str) -> ast.expr:
    return next(node.value for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == name)


@given(TEXT)
@example(NASTY)
def test_python_means_what_was_typed(text):
    tree = ast.parse(python.text(recipe(text), ENDPOINT))
    assert ast.literal_eval(keyword(tree, "name")) == text
    assert ast.literal_eval(keyword(tree, "key")) == text
    [config] = keyword(tree, "ike_config").args
    values = {ast.literal_eval(key): value for key, value in zip(config.keys, config.values, strict=True)}
    assert ast.literal_eval(values["RemoteId"]) == text
    assert ast.unparse(values["Psk"]) == "os.environ['PRE_SHARED_KEY']"
    assert ast.literal_eval(keyword(tree, "local_id")) == ast.literal_eval(keyword(tree, "ike_pfs")) == text
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert "vpc_models.CreateVpnAttachmentRequestTunnelOptionsSpecificationTunnelIkeConfig" in called
    assert "vpc_models.ModifyTunnelAttributeRequestTunnelOptionsSpecificationTunnelIkeConfig" in called


# Prints the arguments that the client would get, one by one.
STUB = """
aliyun() { printf '%s\\0' "$@" >&2; echo '{"VpnConnectionId": "vco-1"}'; }
"""


def words(text: str) -> list[str]:
    """The arguments that the commands of a script get after the shell has parsed them."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "PRE_SHARED_KEY": "k\\e'y$",
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "id",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "secret",
    }
    done = subprocess.run(["sh", "-eu"], input=(STUB + text).encode(), env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stderr.decode().split("\0")


@given(TEXT)
@example(NASTY)
@example("-x")
@settings(max_examples=40)
def test_the_shell_means_what_was_typed(text):
    given_words = words(shell.text(recipe(text), ENDPOINT))
    if text:
        assert f"--Name={text}" in given_words
        assert f"--Tags.1.Key={text}" in given_words
    # An empty value is a separate argument; the client treats a bare equals sign as no value.
    at = given_words.index("--Tags.2.Value")
    assert given_words[at + 1] == ""
    [config] = [word.partition("=")[2] for word in given_words if word.startswith("--IkeConfig=")]
    assert json.loads(config) == {"Psk": "k\\e'y$", "RemoteId": text, "IkeLifetime": 86400}
    assert "--VpnId=vco-1" in given_words
    [tunnels] = [word.partition("=")[2] for word in given_words if word.startswith("--TunnelOptionsSpecification=")]
    assert json.loads(tunnels) == [{"TunnelIndex": 2, "TunnelIkeConfig": {"Psk": "k\\e'y$", "LocalId": text}}]
    if text:
        assert f"--TunnelOptionsSpecification.TunnelIkeConfig.IkePfs={text}" in given_words


@given(TEXT)
@example(NASTY)
def test_the_request_means_what_was_typed(text):
    first = request.text(recipe(text), ENDPOINT).split("POST http://console.example:8000/\n")[1]
    parameters = json.loads(first)
    assert parameters["Name"] == parameters["Tags.1.Key"] == text
    assert json.loads(parameters["IkeConfig"])["RemoteId"] == text
    assert parameters["TunnelOptionsSpecification.1.TunnelIkeConfig.LocalId"] == text
    assert all(isinstance(value, str) for value in parameters.values())


def decoded(literal: str) -> str:
    """Decode a quoted HCL template without interpolations: JSON's escapes, and a doubled first character."""
    assert not re.search(r"(?<!\$)\$\{|(?<!%)%\{", literal)
    return json.loads(literal.replace("$${", "${").replace("%%{", "%{"))


TEMPLATES = ["${x}", "$${x}", "$$${x}", "%{ if x }", "%%{x", "\\${x}", "\n\r\t\x08\x0c\x1f\x7f", "a\u2028b\x85c", NASTY]


@given(TEXT)
@example(NASTY)
@example("%%%{")
def test_terraform_means_what_was_typed(text):
    lines = terraform.text(recipe(text), ENDPOINT).split("\n")
    name = next(line.split(" = ", 1)[1] for line in lines if line.strip().startswith("vpn_attachment_name"))
    assert decoded(name) == text


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
def test_terraform_itself_reads_what_was_typed(tmp_path):
    """This needs no provider: the test copies the values of the configuration into outputs."""
    names = []
    for text in TEMPLATES:
        lines = terraform.text(recipe(text), ENDPOINT).split("\n")
        names += [line.split(" = ", 1)[1] for line in lines if line.strip().startswith("vpn_attachment_name")]
    (tmp_path / "main.tf").write_text(f'output "names" {{ value = [{", ".join(names)}] }}')
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
    for command in (["apply", "-auto-approve"], ["output", "-json", "names"]):
        done = subprocess.run(["terraform", *command], cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == TEMPLATES


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
def test_terraform_would_write_it_the_same_way(tmp_path):
    text = terraform.text(recipe(), ENDPOINT)
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
    done = subprocess.run(
        ["terraform", "fmt", "-"], input=text, cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert (done.stdout, done.returncode) == (text, 0), done.stderr


@pytest.mark.parametrize("language", [python, request, shell, terraform], ids=lambda one: one.LABEL)
def test_a_text_is_addressed_and_ends_with_one_line_break(language):
    text = language.text(recipe(), ENDPOINT)
    assert "console.example:8000" in text
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert all(line == line.rstrip() for line in text.split("\n"))
