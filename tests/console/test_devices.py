"""The tab of a simulated device, its form, and its buttons."""

import json
import re

import pytest
from django.db.models import BooleanField
from django.urls import reverse

from connections.documents import as_text, exported
from connections.domain import device_sections
from connections.domain.choices import Role
from connections.models import Device, Event
from connections.services import devices
from tests.console.conftest import htmx, signed_in
from vpnconsole.testing import factories
from vpnconsole.testing.pages import main_form

pytestmark = pytest.mark.django_db

BGP = {"enable_bgp": True, "tunnel": {"tunnel_cidr": "169.254.10.0/30", "local_bgp_ip": "169.254.10.1"}}


class Tab:
    """The pages of the device of a new connection."""

    def __init__(self, client, account, **changed):
        self.client, self.account = client, account
        self.connection = factories.make_connection(account, **changed)
        self.where = [factories.REGION, self.connection.resource_id, self.connection.tunnel.resource_id]

    def url(self, name: str, *more: str) -> str:
        return reverse(f"device-{name}", args=[*self.where, *more])

    def get(self, name: str = "detail", client=None) -> str:
        answer = (client or self.client).get(self.url(name))
        assert answer.status_code == 200
        return answer.content.decode()

    def do(self, action: str, **values) -> list[str]:
        """Press a button, and return the messages of the page that follows."""
        answer = self.client.post(self.url(action), values, follow=True)
        assert answer.redirect_chain == [(self.url("detail"), 302)]
        return [str(message) for message in answer.context["messages"]]

    def configure(self, **changed) -> None:
        devices.load_configuration(factories.make_actor(self.account), self.connection.tunnel)
        if changed:
            Device.objects.update(**changed)

    @property
    def device(self) -> Device:
        return Device.objects.select_related("tunnel__connection").get()

    def form(self) -> dict:
        return main_form(self.get("modify"))

    def submit(self, form: dict, **changed):
        return self.client.post(self.url("modify"), form | changed)


@pytest.fixture
def tab(console, alice, clock):
    return Tab(console, alice.account)


def test_a_new_device_leads_to_loading_and_the_page_follows_the_tunnel(tab, clock):
    page = tab.get()
    assert "The device is not configured, so it does not answer." in page
    assert re.search(r'data-testid="device-restart"[^>]* disabled aria-describedby="not-configured"', page)
    assert 'data-testid="device-load"' in page
    assert tab.do("load") == ["The device has loaded the peer configuration."]
    page = tab.get()
    assert "The device has exactly what the peer configuration says now." in page
    assert 'hx-trigger="load delay:1s"' in page
    clock.tick(1)
    assert "Phase 1 Negotiation Succeeded" in tab.get("status")
    clock.tick(1)
    rested = tab.get("status")
    assert "Phase 2 Negotiation Succeeded" in rested
    assert "hx-trigger" not in rested
    assert 'id="live"' in rested


def test_the_page_says_what_differs_and_takes_values(tab):
    tab.configure()
    form = tab.form() | {"psk": ["planted.other"], "ike_pfs": ["group14", "group2"]}
    assert tab.submit(form).status_code == 302
    page = tab.get()
    assert "2 settings differ" in page
    assert "planted" not in page
    assert page.index('data-testid="side-psk"') < page.index('data-testid="side-address"')
    assert tab.do("take", field="psk") == ["The device has taken the cloud's value: Pre-Shared Key."]
    assert "1 setting differs" in tab.get()
    assert tab.do("take", field="nonsense")[0].startswith("The peer configuration of ")
    tab.do("load")
    assert "exactly what the peer configuration says" in tab.get()


def test_without_a_gateway_address_nothing_can_be_loaded(console, alice):
    tab = Tab(console, alice.account, network_type="private")
    page = tab.get()
    assert re.search(r'data-testid="device-load"[^>]* disabled aria-describedby="no-load"', page)
    assert "Load" in page
    assert len(tab.do("load")) == 1
    assert not tab.device.is_configured


def test_buttons_do_what_they_say(tab, clock):
    tab.configure()
    clock.tick(60)
    for action, values, state in [
        ("off", {}, (False, True)),
        ("on", {}, (True, True)),
        ("cut", {}, (True, False)),
        ("restore", {}, (True, True)),
        ("restart", {}, (True, True)),
        ("send", {"sender": "cloud", "bits": "1000000", "steadily": "yes"}, (True, True)),
    ]:
        clock.tick(60)
        assert len(tab.do(action, **values)) == 1
        assert (tab.device.is_on, tab.device.has_line) == state
    assert "1 Mbit/s" in tab.get()
    tab.do("stop", sender="cloud")
    assert "1 Mbit/s</span>" not in tab.get()
    tab.do("send", sender="device", bits="x")
    tab.do("reset")
    tab.do("off")
    page = tab.get()
    assert re.search(r'data-testid="device-steady-device"[^>]* disabled aria-describedby="is-off"', page)
    operations = list(Event.objects.filter(outcome="success").order_by("id").values_list("operation", flat=True))
    assert operations[-9:] == [
        "SwitchDeviceOff", "SwitchDeviceOn", "CutLine", "RestoreLine", "RestartDevice", "SendTraffic", "StopTraffic",
        "ResetTunnel", "SwitchDeviceOff",
    ]  # fmt: skip
    log = tab.client.get("/events/").content.decode()
    assert "<dt>Sent by</dt><dd>the cloud</dd>" in log
    # The simulator's operations have no API.
    assert not re.search(r"Show (SendTraffic|SwitchDeviceOff|CutLine) as code", log)


def test_a_repeated_button_does_its_work_once(tab):
    tab.configure()
    address = tab.url("restart")
    [token] = re.findall(rf'action="{address}".*?name="_once" value="([^"]+)"', tab.get(), re.DOTALL)
    before = Event.objects.count()
    for _ in range(2):
        assert tab.client.post(address, {"_once": token}).url == tab.url("detail")
    assert Event.objects.count() == before + 1


# --- the form ------------------------------------------------------------------------------------------------------


def changed_value(field) -> object:
    """A valid value that differs from what a loaded device of `BGP` has."""
    name = field.name
    if isinstance(field, BooleanField):
        return not {"enable_bgp": True}.get(name, field.default)
    if getattr(field, "options", None):
        return [value for value, _label in field.options.choices][::-1]
    if field.choices:
        return [value for value, _label in field.choices if value][-1]
    if name in ("local_subnet", "remote_subnet"):
        return ["10.9.0.0/16", "10.8.0.0/16"]
    if name == "announced":
        return ["10.9.0.0/16", "10.8.0.0/16 65001 65002"]
    if name in ("psk", "auth_key"):
        return "another"
    if name in ("local_id", "remote_id"):
        return "%any"
    if name.endswith("_asn"):
        return 65123
    if name.endswith(("address", "_ip", "router_id")):
        return "192.0.2.9"
    return 77


def test_every_setting_is_stored_by_the_form_and_exported(console, alice):
    tab = Tab(console, alice.account, **BGP)
    tab.configure()
    changed = {name: changed_value(Device._meta.get_field(name)) for name in device_sections.FIELDS}
    changed["enable_bgp"] = True
    form = {name: values for name, values in tab.form().items() if not isinstance(changed.get(name), bool)}
    for name, value in changed.items():
        if not isinstance(value, bool):
            form[name] = value if isinstance(value, list) else [str(value)]
        elif value:
            form[name] = ["on"]
    answer = tab.submit(form)
    assert answer.status_code == 302, answer.context["form"].errors
    device = tab.device
    assert {name: getattr(device, name) for name in changed} == changed
    [connection] = json.loads(as_text(exported(alice.account, keys=True), "json"))["connections"]
    assert {name: connection["tunnels"][0]["device"][name] for name in changed} == changed
    event = Event.objects.latest("id")
    assert event.facts["psk"] == "changed"
    assert "another" not in json.dumps(event.facts)


def test_an_unchanged_form_changes_nothing_and_keeps_keys(console, alice):
    tab = Tab(console, alice.account, **BGP)
    tab.configure(auth_key="")
    before = {name: getattr(tab.device, name) for name in device_sections.FIELDS}
    assert 'value="s3cret' not in tab.get("modify")
    assert tab.submit(tab.form()).status_code == 302
    assert {name: getattr(tab.device, name) for name in device_sections.FIELDS} == before
    assert Event.objects.latest("id").facts == {"tunnel": tab.where[2]}
    assert "clear_auth_key" not in tab.form()
    assert tab.submit(tab.form() | {"clear_psk": ["on"]}).status_code == 302
    assert tab.device.psk == ""
    again = tab.form()
    assert tab.submit(again | {"psk": ["new"]}).status_code == 302
    both = tab.submit(tab.form() | {"psk": ["x"], "clear_psk": ["on"]})
    assert list(both.context["form"].errors) == ["clear_psk"]
    assert tab.device.psk == "new"


def test_settings_that_do_not_apply_are_kept_and_not_judged(console, alice):
    tab = Tab(console, alice.account, **BGP)
    tab.configure()
    form = tab.form()
    del form["enable_bgp"]
    assert tab.submit(form | {"local_asn": ["nonsense"], "router_id": ["nonsense"]}).status_code == 302
    device = tab.device
    assert (device.enable_bgp, device.local_asn) == (False, 65010)


def test_errors_are_at_their_fields_and_nothing_is_lost(tab):
    tab.configure()
    form = tab.form() | {"mtu": ["3"], "ike_enc_alg": ["aes", "aes"], "local_id": [""], "loss": ["12"]}
    answer = tab.submit(form)
    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == {"mtu", "ike_enc_alg", "local_id"}
    again = main_form(answer.content.decode())
    assert (again["loss"], again["mtu"], again["ike_enc_alg"][:2]) == (["12"], ["3"], ["aes", "aes"])
    assert "Nothing has been saved" in answer.content.decode()


def test_a_changed_field_shows_what_depends_on_it(tab):
    tab.configure()
    form = tab.form()
    assert 'id="div_id_ike_mode"' not in tab.get("modify")
    address = tab.url("modify-fields", "ike_version")
    answer = tab.client.post(address, form | {"ike_version": ["ikev2", "ikev1"]}, headers=htmx()).content.decode()
    assert 'id="div_id_ike_mode"' in answer
    assert 'id="group-ike_mode"' in answer
    address = tab.url("modify-fields", "enable_bgp")
    answer = tab.client.post(address, form | {"enable_bgp": ["on"]}, headers=htmx()).content.decode()
    assert 'id="div_id_announced"' in answer
    changes = answer.partition('id="changes"')[2]
    assert '<th scope="row">Enable BGP</th>' in changes
    assert "The tunnel is negotiated again." in changes
    assert "invalid-feedback" not in answer


def test_rows_work_without_scripts(tab):
    tab.configure()
    # With the row that scripts copy.
    assert tab.form()["ike_pfs"] == ["group2", ""]
    answer = tab.submit(tab.form() | {"ike_pfs": ["group2"], "_action": ["add:ike_pfs"], "loss": ["7"]})
    again = main_form(answer.content.decode())
    assert (again["ike_pfs"], again["loss"]) == (["group2", "", ""], ["7"])
    assert tab.device.loss == 0


def test_two_people_edit_a_device(tab):
    tab.configure()
    mine = tab.form()
    assert tab.submit(tab.form() | {"mtu": ["1200"], "loss": ["5"]}).status_code == 302
    answer = tab.submit(mine | {"loss": ["9"], "starts": ["never"]})
    page = answer.content.decode()
    assert "Somebody else changed" in page
    assert "Stored value: 5." in page
    assert "Changed after you opened this page: 1200." in page
    assert tab.submit(main_form(page)).status_code == 302
    device = tab.device
    assert (device.mtu, device.loss, device.starts) == (1200, 9, "never")


# --- who sees what -------------------------------------------------------------------------------------------------


def test_read_only_members_see_settings_without_keys_and_no_buttons(tab, alice):
    tab.configure()
    reader = signed_in(factories.make_user(alice.account, "reader", role=Role.READ_ONLY))
    page = tab.get(client=reader)
    assert "Packet Size (bytes)" in page
    assert tab.device.psk not in page
    assert 'data-testid="show-device-psk"' not in page
    assert not re.search(r'data-testid="device-(load|take|power|line|restart|reset|send|edit)', page)


def test_a_shown_key_leaves_an_event(tab):
    tab.configure()
    key = tab.device.psk
    assert key in tab.get("psk")
    event = Event.objects.latest("id")
    assert (event.operation, event.resource_id) == ("ShowKey", tab.connection.resource_id)
    assert event.facts == {"door": "page", "tunnel": tab.where[2], "device_psk": "shown", "revision": 2}
    assert "<dt>Pre-Shared Key of the device</dt><dd>shown</dd>" in tab.client.get("/events/").content.decode()


# --- what leads there ----------------------------------------------------------------------------------------------


def test_what_to_do_next_loads_by_one_click_and_is_ticked_afterwards(tab):
    page = tab.client.get(tab.connection.get_absolute_url()).content.decode()
    assert 'data-testid="next-load"' in page
    assert tab.url("load") in page
    tab.do("load")
    page = tab.client.get(tab.connection.get_absolute_url()).content.decode()
    assert 'data-testid="next-load"' not in page
    assert 'class="step-good" data-testid="step-device"' in page


def test_the_setting_of_the_account_is_used_by_the_form_of_connections(console, alice, gateway):
    page = main_form(console.get(reverse("account-settings")).content.decode())
    assert page["new_devices"] == ["not_configured"]
    assert console.post(reverse("account-settings"), page | {"new_devices": ["configured"]}).status_code == 302
    create = reverse("connection-create", args=[factories.REGION])
    form = main_form(console.get(create).content.decode())
    answer = console.post(create, form | {"tunnel1-customer_gateway": [gateway.resource_id]})
    assert answer.status_code == 302, answer.context["form"].error_summary
    assert Device.objects.get().is_configured


def test_devices_behind_one_customer_gateway_are_changed_together(console, alice, gateway, clock):
    pair = factories.make_dual(alice.account, gateways=[gateway])
    first, second = pair.tunnels.order_by("index")
    where = [factories.REGION, pair.resource_id, first.resource_id]

    def url(name: str) -> str:
        return reverse(f"device-{name}", args=where)

    def do(action: str, **values) -> str:
        page = console.post(url(action), {"also": "1"} | values, follow=True)
        assert page.redirect_chain == [(f"{url('detail')}?also=1", 302)]
        return " ".join(str(message) for message in page.context["messages"])

    def stored(name: str) -> list:
        return list(Device.objects.order_by("tunnel__index").values_list(name, flat=True))

    page = console.get(url("detail")).content.decode()
    assert ">Act on the device of Tunnel 2 as well<" in page
    assert 'name="also"' not in page
    assert 'name="also"' in console.get(url("detail"), {"also": "1"}).content.decode()
    # The second one cannot follow, so nothing is changed.
    devices.load_configuration(factories.make_actor(alice.account), first)
    assert "is not configured" in do("take", field="ike_lifetime")
    assert 'name="also"' not in console.get(url("modify")).content.decode()
    assert do("load") == "For both devices: The device has loaded the peer configuration."
    assert [one.tunnel.psk == one.psk != "" for one in Device.objects.select_related("tunnel")] == [True, True]
    for action, is_on in (("off", False), ("on", True)):
        do(action)
        assert stored("is_on") == [is_on, is_on]
    # Only what is changed, and what devices can have in common.
    Device.objects.filter(tunnel=second).update(mtu=1200)
    form = main_form(console.get(url("modify")).content.decode())
    form |= {"ike_lifetime": "4000", "psk": "another-key", "peer_address": "203.0.113.200", "also": "1"}
    assert console.post(url("modify"), form).url == url("detail")
    assert stored("ike_lifetime") == [4000, 4000]
    assert stored("mtu")[1] == 1200
    assert [key == "another-key" for key in stored("psk")] == [True, False]
    assert stored("peer_address") == ["203.0.113.200", second.internet_ip]
    changes = Event.objects.about(pair).filter(operation="ModifyDevice", outcome="success").order_by("id")
    assert [(one.facts["tunnel"], "psk" in one.facts) for one in changes] == [
        (first.resource_id, True),
        (second.resource_id, False),
    ]
    do("take", field="ike_lifetime")
    assert stored("ike_lifetime") == [86400, 86400]
    # The second device lacks the addresses of a session.
    form = main_form(console.get(url("modify")).content.decode())
    form |= {"enable_bgp": "on", "local_asn": "65010", "peer_asn": "45104", "also": "1"}
    form |= {"local_bgp_ip": "169.254.10.2", "peer_bgp_ip": "169.254.10.1"}
    page = console.post(url("modify"), form).content.decode()
    assert f"The device of {second.resource_id} cannot take this change" in page
    assert 'name="also" value="1" id="id_also" aria-describedby="id_also_helptext" checked' in page
    assert stored("enable_bgp") == [False, False]


def test_devices_behind_two_customer_gateways_are_not(console, alice, clock):
    pair = factories.make_dual(alice.account)
    where = [factories.REGION, pair.resource_id, pair.tunnel.resource_id]
    assert "also=1" not in console.get(reverse("device-detail", args=where)).content.decode()
    console.post(reverse("device-load", args=where), {"also": "1"})
    assert list(Device.objects.order_by("tunnel__index").values_list("is_configured", flat=True)) == [True, False]
