"""The console in another language: choosing it, what it changes, and that every text is translated."""

import re
from html.parser import HTMLParser
from io import BytesIO

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from django.apps import apps
from django.db import models
from django.utils import translation

from connections.console.collation import by_name
from connections.console.words import UNITS
from connections.domain import choices, rules
from connections.domain.regions import REGIONS
from connections.models import Event
from connections.peer_config import DIALECTS
from tests.addresses import PAGES, address, is_page
from tests.console import sites
from tools import messages
from vpnconsole.testing import factories


@pytest.fixture
def chinese(console):
    console.cookies["django_language"] = "zh-hans"
    return console


def words(answer) -> str:
    return answer.content.decode()


# --- choosing ----------------------------------------------------------------------------------------------------


def test_the_browsers_wish_is_heard_until_somebody_chooses(client, db):
    wish = {"Accept-Language": "zh-CN,zh;q=0.9"}
    assert '<html lang="zh-hans"' in words(client.get("/login/", headers=wish))
    client.post("/language/", {"language": "en"}, headers=wish)
    assert '<html lang="en"' in words(client.get("/login/", headers=wish))


def test_the_switch_leads_back_to_the_page_with_its_filters(console):
    page = f"/{factories.REGION}/connections/?q=hq"
    answer = console.post("/language/", {"language": "zh-hans"}, headers={"Referer": f"http://testserver{page}"})
    assert answer.url == f"http://testserver{page}"
    assert answer.cookies["django_language"].value == "zh-hans"


@pytest.mark.parametrize("name", ["customer-gateway-modify", "attachment-modify", "login"])
def test_forms_are_drawn_again_with_what_was_typed_and_nothing_is_saved(name, console, estate, client):
    asking = client if name == "login" else console
    asking.cookies["django_language"] = "zh-hans"
    field = "username" if name == "login" else "name"
    events = Event.objects.count()
    answer = asking.post(address(name, estate), {field: "half a na", "_action": "update"})
    assert 'lang="zh-hans"' in words(answer)
    assert 'value="half a na"' in words(answer)
    assert 'class="invalid-feedback"' not in words(answer)
    assert Event.objects.count() == events


# --- what follows it ---------------------------------------------------------------------------------------------


def test_labels_states_and_dates_are_in_the_readers_language(chinese, gateway, clock):
    connection = factories.make_connection(gateway.account, gateway=gateway)
    page = words(chinese.get(connection.get_absolute_url()))
    for text in ("用户网关", "预共享密钥", "未绑定", "2026年11月24日", "未协商"):
        assert text in page


def test_dates_in_english(console, gateway, clock):
    connection = factories.make_connection(gateway.account, gateway=gateway)
    assert "Nov 24, 2026" in words(console.get(connection.get_absolute_url()))


def test_problems_and_refusals_are_too(chinese, gateway, router):
    region = factories.REGION
    answer = words(chinese.post(f"/{region}/customer-gateways/create/", {"ip_address": "300.1.1.1", "name": "x" * 101}))
    assert "请输入 IPv4 地址，例如 203.0.113.10。" in answer
    assert "最多 100 个字符，当前为 101 个。" in answer
    factories.make_connection(gateway.account, gateway=gateway)
    refused = words(chinese.post(f"{gateway.get_absolute_url()}delete/"))
    assert "正被 1 个 IPsec 连接使用" in refused


def test_what_programs_read_stays_english(chinese, gateway):
    with translation.override("zh-hans"):
        problem = next(rules.gateway_ip_problems("300.1.1.1"))
        assert problem.message == "Enter an IPv4 address, such as 203.0.113.10."
        assert str(problem.message).startswith("请输入")
    factories.make_connection(gateway.account, gateway=gateway)
    chinese.post(f"{gateway.get_absolute_url()}delete/")
    event = Event.objects.latest("id")
    assert event.message.startswith(f"{gateway} is used by 1 IPsec-VPN connection: ")
    assert "正被 1 个 IPsec 连接使用" in words(chinese.get("/events/"))


def test_ids_names_and_addresses_do_not_change(console, gateway):
    path = f"/{factories.REGION}/connections/create/"
    stable = re.compile(r'\b(?:id|name|for|data-testid|href|action|hx-(?:get|post|target))="[^"]*"')
    english = words(console.get(path))
    console.cookies["django_language"] = "zh-hans"
    chinese = words(console.get(path))
    assert english != chinese
    # Regions are in another order.
    assert sorted(stable.findall(english)) == sorted(stable.findall(chinese))


def test_regions_stand_in_the_order_of_their_names():
    names = lambda: [str(region.name) for region in sorted(REGIONS.values(), key=lambda one: by_name(one.name))]  # noqa: E731
    with translation.override("en"):
        assert names() == sorted(names())
    with translation.override("zh-hans"):
        pinyin = [name for name in names() if name[:2] in ("阿联", "德国", "日本", "新加", "英国")]
        assert [name[:2] for name in pinyin] == ["阿联", "德国", "日本", "新加", "英国"]


# --- nothing left unsaid -----------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def brackets(tmp_path_factory):
    """A locale folder with a language in which every message is its English text in brackets."""
    catalogue = Catalog(locale="zh_Hans")
    for message in messages.extracted():
        if message.id:
            ids = [message.id] if isinstance(message.id, str) else list(message.id)
            said = tuple(f"⟦{text}⟧" for text in ids[-1:])
            catalogue.add(message.id, said[0] if isinstance(message.id, str) else said, context=message.context)
    locale = tmp_path_factory.mktemp("brackets")
    folder = locale / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    out = BytesIO()
    write_mo(out, catalogue)
    (folder / "django.mo").write_bytes(out.getvalue())
    return locale


@pytest.fixture
def pseudo(brackets, settings, chinese):
    """Alice's browser in that language."""
    # Changing this setting clears Django's cache of translations.
    settings.LOCALE_PATHS = [brackets]
    return chinese


# Proper names, formats and technical terms that are the same in every language.
ALIKE = {
    "VPN", "IKE", "IPsec", "Console", "ID", "UID", "UTC", "English", "AS", "ASN", "API", "SDK", "CEN", "BGP", "CIDR",
    "JSON", "ESP", "AH", "UDP", "CSV", "http", "testserver",
    "AliyunServiceRoleForVpn", "AliyunServiceRolePolicyForVpn", "vpn.aliyuncs.com", "PRE_SHARED_KEY",
    "strongSwan", "swanctl", "FRR", "BIRD", "Libreswan", "Cisco", "IOS", "Juniper", "SRX", "FortiGate", "MikroTik",
    "RouterOS", "VyOS", "pfSense", "Python", "Terraform", "Node", "TypeScript", "curl", "Ctrl", "Esc", *REGIONS, *UNITS,
    *(word.strip("()") for dialect in DIALECTS.values() for word in dialect.title.split()),
}  # fmt: skip
TECHNICAL = {
    value
    for kind in vars(choices).values()
    if isinstance(kind, type) and issubclass(kind, choices.TextChoices) and kind is not choices.TextChoices
    for value, label in kind.choices
    if value == str(label)
}
SPOKEN = ("aria-label", "placeholder", "title", "alt", "data-copied", "data-confirm")
SILENT = {"script", "style", "pre", "code", "samp", "kbd"}


class Spoken(HTMLParser):
    """All texts of a page, attributes included."""

    def __init__(self):
        super().__init__()
        self.pieces: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag, attrs):
        self.silent += tag in SILENT
        said = dict(attrs)
        for name, value in attrs:
            if name in SPOKEN or (said.get("id") == "words" and name.startswith("data-")):
                self.pieces.append(f"{value}\n")
        if tag in ("div", "p", "li", "td", "th", "dd", "dt", "option", "button", "a", "h1", "h2", "label", "text"):
            self.pieces.append("\n")

    def handle_endtag(self, tag):
        self.silent -= tag in SILENT

    def handle_data(self, data):
        if not self.silent:
            self.pieces.append(data)


def unsaid(html: str) -> set[str]:
    """The words of a page outside of brackets."""
    parser = Spoken()
    parser.feed(html)
    depth, outside = 0, []
    for character in "".join(parser.pieces):
        depth += character == "⟦"
        if not depth:
            outside.append(character)
        depth -= character == "⟧"
        if character == "⟧":
            outside.append(" ")
    return set(re.findall(r"[A-Za-z][A-Za-z0-9'.:/_-]*[A-Za-z0-9]", "".join(outside)))


def stored() -> str:
    """All stored texts and numbers of the estate."""
    texts = []
    for model in apps.get_app_config("connections").get_models():
        fields = [field.name for field in model._meta.fields if isinstance(field, (models.CharField, models.JSONField))]
        for row in model.objects.values_list(*fields):
            texts += map(str, row)
    return " ".join(texts)


def check(answer, allowed: str):
    found = {
        word
        for word in unsaid(words(answer))
        if word not in ALIKE and word not in TECHNICAL and word not in allowed and not re.search(r"\d", word)
    }
    assert not found, sorted(found)


@pytest.mark.parametrize("name", PAGES)
def test_every_page_says_everything_through_the_catalogue(name, pseudo, estate):
    answer = pseudo.get(address(name, estate), headers={"HX-Request": "true"} if name.endswith("-fields") else {})
    assert is_page(answer)
    check(answer, stored())


def test_so_do_empty_pages(pseudo):
    for path in ("connections/", "customer-gateways/", "customer-gateways/?q=nothing"):
        check(pseudo.get(f"/cn-hangzhou/{path}"), stored())
    for path in ("/cens/", "/cens/?q=nothing", "/events/?q=nothing", "/nowhere/"):
        check(pseudo.get(path), stored() + " nothing nowhere")


def test_so_do_tunnels_in_trouble(pseudo, alice, gateway, clock):
    habits = {
        "another key": ({"psk": "other"}, {}),
        "notes": ({"ipsec_pfs": ["disabled"], "mtu": 9000, "loss": 90, "ipsec_lifetime": 60}, sites.HEALTH_CHECK),
        "habits": ({"uses_ah": True}, {}),
        "bgp": ({"peer_asn": 64999}, sites.BGP),
        "nothing": (None, {}),
    }
    made = []
    for name, (changed, settings) in habits.items():
        made.append(factories.make_connection(alice.account, gateway=gateway, name=name, **settings))
        if changed is not None:
            sites.load(made[-1], **changed)
    for seconds in (0, 3600):
        clock.tick(seconds)
        for connection in made:
            tab = f"{connection.get_absolute_url()}tunnels/"
            for path in (
                "",
                *(f"{connection.tunnel.resource_id}/error/?of={of}" for of in ("tunnel", "bgp", "health")),
            ):
                check(pseudo.get(tab + path), stored() + "Idle")
            check(pseudo.get(f"{connection.get_absolute_url()}topology/"), stored() + "Idle")


def test_so_do_refused_forms(pseudo, estate, gateway):
    region = factories.REGION
    wrong = {
        "name": "http://x" * 20, "network_type": "private", "associate_resource": "CEN", "routing_mode": "protected",
        "local_subnet": ["10.0.0.1/8", "x", "10.0.0.0/8"], "remote_subnet": ["10.0.0.0/8", "1.1.1.1"],
        "tunnel1-psk": "a b", "enable_bgp": "on", "health_check": "on", "tunnel1-ike_version": "ikev1",
        "tunnel1-customer_gateway": gateway.resource_id, "tunnel1-ike_lifetime": "99999", "tag_key": ["aliyun", ""],
        "tag_value": ["http://", "x"],
    }  # fmt: skip
    check(pseudo.post(f"/{region}/connections/create/", wrong), stored() + " ".join(map(str, wrong.values())))
    check(pseudo.post(f"/{region}/customer-gateways/create/", {"asn": "x", "ip_address": "10"}), stored())
    check(pseudo.post(address("customer-gateway-delete", estate)), stored())
    check(pseudo.post(address("connection-delete", estate)), stored())
    check(pseudo.get(address("event-list", {})), stored())
