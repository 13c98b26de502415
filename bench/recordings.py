"""Records what a script does in a browser, and does what was recorded again, in new worlds.

python -m bench.recordings            fifteen sessions, each as a walk and four kinds of tests, in both languages
python -m bench.recordings edit tags  some of them

PYTHONPATH has clients/pytest. What comes out is also checked by Ruff, mypy and tsc, and searched for IDs and keys.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import django
from playwright.sync_api import Browser, FilePayload, Locator, sync_playwright

from vpn_console_kit.client import Server as Endpoint
from vpn_console_kit.client import World
from vpn_console_kit.console import Console
from vpn_console_kit.plugin import enter
from vpnconsole import paths
from vpnconsole.testing.machine import KIT_PACKAGE, launch_options
from vpnconsole.testing.served import Server, prepared
from vpnconsole.testing.worlds import TOKEN, served_with_kit

KEY = "a-key-that-was-typed-1"
LOCALES = {"en": "en-US", "zh-hans": "zh-CN"}
KINDS = ("walk", "python", "python-plain", "typescript", "typescript-plain")
# What must not be in what comes out: IDs, access keys, accounts, and the key that is typed above.
SECRET = re.compile(
    rf"\b(vco|cgw|tun|tr|tr-attach|vtb|cen|rg)-[0-9a-z]{{12,}}|LTAI\w{{12,}}|\b1\d{{15}}\b|{re.escape(KEY)}"
)


class Person:
    """Somebody whose browser records."""

    def __init__(self, app: Console, others: Callable[[str], "Person"]):
        self.app, self.page, self.others = app, app.page, others

    def click(self, testid: str) -> None:
        self.app.press(testid)

    def sees(self, element: Locator) -> None:
        """Say what a test should see."""
        element.click(modifiers=["Alt"])


def create(alice: Person) -> None:
    alice.click("nav-connections")
    alice.click("create")
    form = alice.app.connections.create()
    form.fill(name="berlin", customer_gateway="hamburg-dc1", psk=KEY)
    form.submit()
    alice.sees(alice.page.get_by_test_id("state"))
    alice.click("nav-connections")
    alice.sees(alice.app.connections.row("berlin").state)
    alice.app.connections.row("berlin").open()
    alice.sees(alice.page.get_by_test_id("value-name"))


def edit(alice: Person) -> None:
    form = alice.app.connections.row("hamburg-primary").edit()
    form.fill(name="hamburg-first", ike_enc_alg="aes256", enable_dpd=False)
    # It asks whether a tunnel may be interrupted.
    if not form.submit().operation:
        form.submit()
    alice.sees(alice.page.get_by_test_id("value-name"))
    alice.sees(alice.page.get_by_test_id("status"))


def bgp(alice: Person) -> None:
    form = alice.app.connections.create()
    form.fill(name="with-bgp", customer_gateway="hamburg-dc1", enable_bgp=True, tunnel_cidr="10.0.0.0/30")
    form.submit()
    alice.sees(form.notes("tunnel_cidr"))
    form.fill(tunnel_cidr="169.254.77.0/30", local_bgp_ip="169.254.77.1")
    form.submit()
    alice.sees(alice.page.get_by_test_id("state"))


def two_tunnels(alice: Person) -> None:
    form = alice.app.connections.create()
    form.fill(tunnels="2", name="pair", customer_gateway="hamburg-dc1", tunnel2_customer_gateway="rotterdam-port")
    form.fill(routing_mode="protected", local_subnet=["10.1.0.0/16", "10.2.0.0/16"], remote_subnet=["192.168.0.0/16"])
    alice.click("generate-tunnel1-psk")
    form.fill(tunnel2_psk=KEY)
    form.submit()
    alice.click("tab-tunnels")
    alice.sees(alice.page.locator("[data-tunnel='2'] [data-status]").first)


def attach(alice: Person) -> None:
    alice.app.connections.create().fill(name="joins", customer_gateway="hamburg-dc1").submit()
    alice.click("attach")
    alice.page.locator("[data-testid^='attach-to-']").first.click()
    alice.page.get_by_test_id("field-zone").wait_for()
    alice.click("form-ok")
    alice.click("nav-connections")
    alice.sees(alice.app.connections.row("joins").state)


def hand_over(alice: Person) -> None:
    bob, name, world = alice.others("bob"), "paris-branch", alice.app.world
    form = alice.app.connections.row(name).open().authorize()
    form.fill(peer_uid=world.members["bob"]["uid"], peer_cen_id=world.names.cens["summit-core"].id)
    form.submit()
    attach = bob.app.cens.row("summit-core").open().router("core-frankfurt").attach()
    attach.fill(resource_owner="different", owner_uid=world.members["alice"]["uid"])
    attach.fill(connection=world.names.connections[name].id)
    attach.submit()
    alice.click("nav-connections")
    alice.sees(alice.app.connections.row(name).state)


def delete(alice: Person) -> None:
    dialog = alice.app.customer_gateways.row("hamburg-dc1").delete()
    alice.sees(alice.page.locator("#dialog .summary"))
    dialog.cancel()
    alice.app.customer_gateways.create().fill(name="spare", ip_address="203.0.113.77").submit()
    alice.app.customer_gateways.row("spare").delete().ok()
    dialog = alice.app.connections.row("paris-branch").open().delete()
    dialog.cancel()


def tags(alice: Person) -> None:
    form = alice.app.connections.row("hamburg-primary").open().edit_tags()
    form.fill(tags={"team": "net", "cost center": "47"})
    form.submit()
    alice.app.connections.select("hamburg-primary", "paris-branch")
    alice.click("tag-selected")
    alice.click("dialog-cancel")
    alice.app.cens.row("harbour-backbone").action("tags")
    alice.click("dialog-x")


def search(alice: Person) -> None:
    listing = alice.app.connections
    listing.open()
    listing.search("hamburg")
    alice.sees(listing.row("hamburg-primary").locator)
    listing.search("")
    listing.filter("state", "attached")
    listing.sort("name")
    listing.row("hamburg-primary").action("peer-config")
    alice.page.keyboard.press("Escape")
    listing.filter("state", "")
    alice.page.get_by_test_id("search").press_sequentially("paris")
    alice.page.keyboard.press("Enter")
    alice.page.locator("html[data-idle]").wait_for(state="attached")
    listing.row("paris-branch").open()
    alice.sees(alice.page.get_by_test_id("value-name"))


def device(alice: Person) -> None:
    alice.app.connections.row("hamburg-primary").open()
    alice.click("tab-device")
    alice.click("device-edit")
    alice.page.get_by_test_id("field-psk").evaluate(
        "one => { for (let up = one; up; up = up.parentElement) if (up.matches('details')) up.open = true; }"
    )
    alice.page.get_by_test_id("field-ike_lifetime").fill("4000")
    alice.page.get_by_test_id("field-psk").fill(KEY)
    alice.click("form-ok")
    alice.click("diagnose")
    alice.click("diagnosis-again")


def key(alice: Person) -> None:
    alice.page.goto(alice.app.world.url + "access-keys/")
    alice.click("create")
    alice.page.get_by_test_id("field-user").select_option(index=1)
    alice.click("dialog-ok")
    alice.click("dialog-x")
    form = alice.app.members.create()
    form.fill(username="nina", first_name="Nina", last_name="Novak", role="operator", password=KEY)
    form.submit()


def import_document(alice: Person) -> None:
    """A file and a text, with keys, and with IDs of what the world has."""
    gateway = alice.app.world.names.gateways["hamburg-dc1"].id
    document = f"""
format: vpn-console/resources
version: 5
connections:
- region: eu-central-1
  name: from-a-file
  tunnels: [{{customer_gateway: {gateway}, psk: {KEY}}}]
- {{region: eu-central-1, name: "it's \\"odd\\"", tunnels: [{{customer_gateway: cgw-{"0" * 20}, psk: {KEY}}}]}}
customer_gateways:
- {{id: cgw-{"0" * 20}, region: eu-central-1, name: 汉堡, ip_address: 203.0.113.88}}
"""
    alice.click("nav-resources")
    file: FilePayload = {"name": "mine.yaml", "mimeType": "text/yaml", "buffer": document.encode()}
    alice.page.get_by_test_id("field-file").set_input_files(file)
    alice.click("import")
    alice.page.get_by_test_id("imported").wait_for()
    alice.page.get_by_test_id("field-text").fill("connections: {psk: [")
    alice.click("import")
    alice.page.get_by_test_id("not-imported").wait_for()
    for before, after in {"from-a-file": "from-a-text", ".88": ".89", "0" * 20: "1" * 20}.items():
        document = document.replace(before, after)
    alice.page.get_by_test_id("field-text").fill(document)
    alice.click("import")
    alice.page.get_by_test_id("imported").wait_for()
    alice.click("nav-connections")
    alice.sees(alice.app.connections.row("from-a-file").state)
    alice.sees(alice.app.connections.row("from-a-text").state)


def keyboard(alice: Person) -> None:
    """Nothing but keys, from the address of a list."""
    page = alice.page
    page.goto(alice.app.world.url + "eu-central-1/customer-gateways/")

    def keys(*names: str) -> None:
        for name in names:
            page.keyboard.press(name)
        page.locator("html[data-idle]").wait_for(state="attached")

    def type_into(testid: str, text: str) -> None:
        page.get_by_test_id(testid).focus()
        page.keyboard.type(text)

    keys("c")
    type_into("field-name", '汉堡 "x"')
    type_into("field-ip_address", "203.0.113.99")
    keys("Control+Enter")
    page.get_by_test_id("message-1").wait_for()
    page.get_by_test_id("nav-connections").focus()
    keys("Enter")
    keys("c")
    type_into("field-name", "by-keys")
    page.get_by_test_id("field-tunnel1-customer_gateway").select_option(label='汉堡 "x" · 203.0.113.99')
    page.get_by_test_id("field-name").focus()
    keys("Enter")
    page.get_by_test_id("state").wait_for()
    keys("Control+k")
    page.locator("[data-palette] input").wait_for()
    page.keyboard.type("paris-branch")
    page.locator(".palette-found[data-q=paris-branch]").wait_for()
    keys("Enter")
    page.get_by_test_id("value-name").get_by_text("paris-branch").wait_for()
    page.get_by_test_id("tab-tags").focus()
    keys("Enter")
    page.get_by_test_id("edit-tags").focus()
    keys("Enter")
    page.get_by_test_id("dialog-ok").wait_for()
    keys("Escape")
    page.get_by_test_id("edit-tags").focus()
    keys("Enter")
    type_into("field-tag_key-1", "cen")
    # It asks whether to discard, and is answered that the dialog stays.
    keys("Escape")
    page.get_by_test_id("keep-editing").press("Enter")
    type_into("field-tag_value-1", "class")
    keys("Control+Enter")
    page.get_by_test_id("message-1").wait_for()
    alice.sees(page.get_by_test_id("value-name"))


def two_tabs(alice: Person) -> None:
    """A second tab, opened from a list, then each of both goes on."""
    alice.click("nav-connections")
    link = alice.page.locator("tr[data-name=paris-branch] a[data-testid]").first
    with alice.page.context.expect_page() as opened:
        link.click(modifiers=["Control"])
    opened.value.locator("html[data-idle]").wait_for(state="attached")
    other = Person(Console(opened.value, alice.app.world), alice.others)
    alice.click("create")
    alice.app.connections.create().fill(name="beside", customer_gateway="hamburg-dc1").submit()
    other.click("tab-tags")
    other.sees(opened.value.get_by_test_id("edit-tags"))
    alice.click("nav-connections")
    alice.page.get_by_test_id("nav-cens").dblclick()
    alice.sees(alice.app.cens.row("harbour-backbone").locator)


def quick_create(alice: Person) -> None:
    """A gateway on the way, and a device by the panel."""
    form = alice.app.connections.create()
    alice.click("offer-tunnel1-customer_gateway")
    alice.page.locator("#dialog").get_by_test_id("field-name").fill("on-the-way")
    alice.page.locator("#dialog").get_by_test_id("field-ip_address").fill("203.0.113.66")
    alice.click("dialog-ok")
    form.fill(name="quick")
    form.submit()
    alice.sees(alice.page.get_by_test_id("state"))
    headers = {
        "X-CSRFToken": alice.page.evaluate("JSON.parse(document.body.getAttribute('hx-headers'))['X-CSRFToken']")
    }
    made = alice.app.world.names_now().connections["quick"].id
    alice.page.request.post(
        f"{alice.app.world.url}_kit/panel/peer/", headers={**headers, "Referer": alice.app.world.url},
        form={"what": "phase1", "connection": made}, fail_on_status_code=True,
    )  # fmt: skip
    alice.click("tab-tunnels")
    alice.sees(alice.page.locator("[data-tunnel='1'] [data-status]").first)


SESSIONS: dict[str, Callable[[Person], None]] = {
    one.__name__: one
    for one in (
        create, edit, bgp, two_tunnels, attach, hand_over, delete, tags, search, device, key, import_document, keyboard,
        two_tabs, quick_create,
    )
}  # fmt: skip


def recorded(browser: Browser, endpoint: Endpoint, session: Callable[[Person], None]) -> dict[str, str]:
    """Every export of what a session does, by its kind. The title is the session's name."""
    world = World(endpoint, endpoint.call("POST", "/worlds", panel=True))
    contexts = []

    def person(user: str) -> Person:
        context = browser.new_context()
        context.set_default_timeout(20_000)
        contexts.append(context)
        return Person(Console(enter(context, world, user), world), person)

    try:
        alice = person("alice")
        alice.page.goto(f"{world.url}_kit/recording")
        alice.click("record-start-here")
        try:
            session(alice)
        except Exception as error:
            raise SystemExit(
                f"{session.__name__}: {error}\n{alice.page.locator('main').inner_text()[:1500]}"
            ) from error
        alice.page.goto(f"{world.url}_kit/recording")
        if not alice.page.get_by_test_id("record-stop-here").count():
            raise SystemExit(f"{session.__name__}: {alice.page.locator('main').inner_text()}")
        alice.click("record-stop-here")
        alice.page.get_by_test_id("record-name").fill(session.__name__.replace("_", " "))
        alice.click("record-name-go")
        return {kind: alice.page.locator(f"#listing-{kind}").text_content() or "" for kind in KINDS}
    finally:
        for context in contexts:
            context.close()
        world.delete()


CONFTEST = """
import pytest


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {{**browser_type_launch_args, **{options}}}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {{**browser_context_args, "locale": {locale!r}}}
"""


def run_python(files: Mapping[str, str], folder: Path, url: str, language: str) -> str:
    """Run tests by their names. Return what went wrong; blank: nothing."""
    folder.mkdir(parents=True)
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "conftest.py").write_text(CONFTEST.format(options=launch_options(), locale=LOCALES[language]))
    for name, text in files.items():
        (folder / f"test_{name.replace('-', '_')}.py").write_text(text)
    env = {**os.environ, "KIT_TOKEN": TOKEN, "PYTHONPATH": str(paths.RESOURCES / "clients" / "pytest")}
    env.pop("DJANGO_SETTINGS_MODULE", None)
    words = ["-m", "pytest", "-q", "-p", "vpn_console_kit.plugin", "-p", "no:django", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, *words, "--console-url", url, "--console-keep=never", "--tb=short", str(folder)],
        cwd=folder, env=env, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout[-6000:] + done.stderr[-2000:] if done.returncode else ""


def check_python(files: Mapping[str, str], folder: Path, *, types: bool = True) -> str:
    """What linters and mypy say about tests."""
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / f"test_{name.replace('-', '_')}.py").write_text(text)
    found = []
    env = {**os.environ, "MYPYPATH": str(paths.RESOURCES / "clients" / "pytest")}
    (folder / "mypy.ini").write_text("[mypy]\n")
    for words in (
        ["ruff", "check", "--isolated", "--select", "E4,E7,E9,F,I,B,UP,SIM,RUF,PT,ANN", "."],
        ["ruff", "format", "--isolated", "--diff", "."],
        *([["mypy", "--config-file", "mypy.ini", "--strict", "."]] if types else []),
    ):
        done = subprocess.run([sys.executable, "-m", *words], cwd=folder, env=env, capture_output=True, text=True)
        if done.returncode:
            found.append(done.stdout + done.stderr)
    return "\n".join(found)


class NodeProject:
    """A project with the package for Playwright Test, in which tests in TypeScript run."""

    def __init__(self, folder: Path):
        self.folder = folder
        modules = folder / "node_modules"
        scope = modules / "@vpn-console"
        scope.mkdir(parents=True)
        for module in (KIT_PACKAGE / "node_modules").iterdir():
            if not module.name.startswith("."):
                (modules / module.name).symlink_to(module.resolve())
        package = scope / "playwright"
        shutil.copytree(KIT_PACKAGE, package, ignore=shutil.ignore_patterns("node_modules", "dist"))
        (package / "node_modules").symlink_to((KIT_PACKAGE / "node_modules").resolve())
        subprocess.run(["npm", "run", "--silent", "build"], cwd=package, check=True, capture_output=True)
        (folder / "package.json").write_text(json.dumps({"private": True, "type": "module"}))
        options = {"strict": True, "module": "nodenext", "target": "es2022", "noEmit": True, "types": ["node"]}
        options |= {"noUnusedLocals": True, "noUncheckedIndexedAccess": True, "skipLibCheck": True}
        (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "include": ["*.ts"]}))

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            (self.folder / f"{name}.spec.ts").write_text(text)

    def _node(self, program: str, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        program = str(self.folder / "node_modules" / program)
        return subprocess.run(
            ["node", program, *words], cwd=self.folder, capture_output=True, text=True,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), **env},
        )  # fmt: skip

    def check(self) -> str:
        done = self._node("typescript/bin/tsc")
        return done.stdout if done.returncode else ""

    def run(self, url: str, language: str) -> str:
        launch = {"executablePath": launch_options()["executable_path"], "args": launch_options()["args"]}
        (self.folder / "playwright.config.ts").write_text(
            f"export default {{ workers: 1, reporter: 'line', timeout: 60000, use: {{ locale: '{LOCALES[language]}', "
            f"launchOptions: {json.dumps(launch)} }} }};\n"
        )
        done = self._node("@playwright/test/cli.js", "test", VPN_CONSOLE_URL=url, KIT_TOKEN=TOKEN)
        return done.stdout[-6000:] + done.stderr[-2000:] if done.returncode else ""


def run_walk(text: str, browser: Browser, world: World, language: str) -> str:
    from vpnconsole.kit.walks import format, runner

    try:
        runner.run(format.read(text), browser, world, language)
    except runner.WalkFailed as error:
        return str(error)
    return ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sessions", nargs="*", help=", ".join(SESSIONS))
    parser.add_argument("--show", action="store_true", help="print what comes out")
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--languages", default="en,zh-hans")
    words = parser.parse_args()
    # A walk is read by Django's console.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    django.setup()
    kinds, begun, failed = words.kinds.split(","), time.perf_counter(), 0

    def report(what: str, problem: str) -> None:
        nonlocal failed
        failed += bool(problem)
        print(f"{what}: {'failed' if problem else 'green'}", flush=True)
        if problem:
            print(textwrap.indent(problem, "    "))

    options = launch_options()
    with tempfile.TemporaryDirectory(prefix="recordings-") as name:
        folder = Path(name)
        with served_with_kit(prepared(folder / "data"), folder / "log") as server:
            try:
                files, endpoint = _record(server, words.sessions or [*SESSIONS], options)
            except SystemExit:
                print("\n".join(line for line in (folder / "log").read_text().splitlines() if "Traceback" in line))
                raise
            for session, exports in files.items():
                found = sorted({match[0] for text in exports.values() for match in SECRET.finditer(text)})
                report(f"{session}: no ID, no key", ", ".join(found))
                for kind in kinds if words.show else ():
                    print(textwrap.indent(exports[kind], "    "))
            of = {kind: {session: texts[kind] for session, texts in files.items()} for kind in KINDS}
            for kind in kinds:
                if kind.startswith("python"):
                    report(f"{kind}: ruff and mypy --strict", check_python(of[kind], folder / f"check-{kind}"))
                elif kind.startswith("typescript"):
                    project = NodeProject(folder / kind)
                    project.write(of[kind])
                    report(f"{kind}: tsc --strict", project.check())
                for language in words.languages.split(","):
                    what = f"{kind} in {language}"
                    if kind == "walk":
                        for session, problem in _walks(endpoint, of[kind], options, language).items():
                            report(f"{what}: {session}", problem)
                    elif kind.startswith("python"):
                        report(what, run_python(of[kind], folder / f"{kind}-{language}", server.url, language))
                    else:
                        report(what, project.run(server.url, language))
    print(f"{time.perf_counter() - begun:.0f} seconds, {failed} failed")
    return 1 if failed else 0


def _record(server: Server, names: list[str], options: dict) -> tuple[dict[str, dict[str, str]], Endpoint]:
    endpoint = Endpoint(server.url, TOKEN)
    with sync_playwright() as playwright, closing(playwright.chromium.launch(**options)) as browser:
        return {name: recorded(browser, endpoint, SESSIONS[name]) for name in names}, endpoint


def _walks(endpoint: Endpoint, texts: Mapping[str, str], options: dict, language: str) -> dict[str, str]:
    found = {}
    with sync_playwright() as playwright, closing(playwright.chromium.launch(**options)) as browser:
        for name, text in texts.items():
            world = endpoint.world()
            found[name] = run_walk(text, browser, world, language)
            world.delete()
    return found


if __name__ == "__main__":
    sys.exit(main())
