"""What people do with simulated devices, and what becomes of the tunnels."""

import copy
import json
from datetime import timedelta

import pytest

from connections import clock as time
from connections import diff
from connections.console import summary, tables
from connections.documents import as_text, exported, import_text
from connections.domain import limits, sections
from connections.domain.choices import NegotiationStatus, Role
from connections.domain.refusals import Invalid, Refused
from connections.models import Account, Attachment, Chapter, Connection, Device, Event, Tunnel
from connections.negotiation import Code, Course, End, lines
from connections.negotiation.bgp import SESSION
from connections.negotiation.records import read
from connections.negotiation.sides import Situation
from connections.services import derived, devices, negotiations
from connections.services.accounts import change_settings
from connections.services.attachments import create_attachment
from connections.services.connections import create_connection, modify_connection
from connections.services.customer_gateways import modify_customer_gateway
from connections.services.drafts import Draft
from connections.services.operations import Actor
from tests.read_only import read_only
from vpnconsole.testing import factories

pytestmark = pytest.mark.django_db

UP, DOWN, IKE_UP = NegotiationStatus.IPSEC_UP, NegotiationStatus.IKE_DOWN, NegotiationStatus.IKE_UP
UNTRIED = NegotiationStatus.UNTRIED
TUNNEL_BGP = {"tunnel_cidr": "169.254.10.0/30", "local_bgp_ip": "169.254.10.1"}
BGP = {"enable_bgp": True, "tunnel": TUNNEL_BGP}


class Site:
    """A connection with its device, and what people do with it."""

    def __init__(self, **changed):
        self.account = factories.make_account()
        self.id = factories.make_connection(self.account, **changed).resource_id

    @property
    def actor(self) -> Actor:
        return factories.make_actor(self.account)

    @property
    def tunnel(self) -> Tunnel:
        return Tunnel.objects.whole().get(connection__resource_id=self.id)

    @property
    def status(self) -> NegotiationStatus:
        """The status of the tunnel, which rows, filters and counts agree on."""
        status = self.tunnel.status
        assert self.tunnel.outcome.status == status
        assert list(derived.outdated()) == []
        for other in NegotiationStatus:
            table = tables.connections(self.account, factories.REGION, {"status": other.value})
            assert [row.tunnel.status for row in table.page] == ([status] if other == status else [])
            assert table.every_row.count() == (other == status)
        _states, figures = summary.of_connections(self.account, factories.REGION, {})
        assert {figure.state: figure.count for figure in figures} == {status: 1}
        return status

    def do(self, name: str, *args, **options):
        return getattr(devices, name)(self.actor, self.tunnel, *args, **options)

    def load(self) -> None:
        self.do("load_configuration")

    def edit(self, **changed) -> Device:
        edited = self.tunnel.device
        for name, value in changed.items():
            setattr(edited, name, value)
        return devices.edit_device(self.actor, edited, edited.revision)

    def draft(self, changed, tunnel=None) -> tuple[Connection, Draft]:
        """The stored connection, and a draft of it with other values."""
        stored = Connection.objects.with_parts().get(resource_id=self.id)
        connection, tunnels = copy.copy(stored), [copy.copy(one) for one in stored.tunnels.all()]
        for row, values in ((connection, changed), (tunnels[0], tunnel or {})):
            for name, value in values.items():
                setattr(row, name, value)
        return stored, Draft(connection, tunnels)

    def modify(self, tunnel=None, **changed) -> None:
        stored, draft = self.draft(changed, tunnel)
        modify_connection(self.actor, draft, stored.revision)


@pytest.fixture
def site(clock):
    return Site()


def test_a_device_that_loads_the_configuration_brings_the_tunnel_up(site, clock):
    assert site.status == UNTRIED
    site.load()
    assert site.status == UNTRIED
    clock.tick(1)
    assert site.status == IKE_UP
    clock.tick(1)
    assert site.status == UP
    clock.tick(90 * 86400)
    assert site.status == UP


def test_a_loaded_device_is_as_the_negotiation_mirrors_it(clock):
    site = Site(**BGP)
    site.load()
    result = site.tunnel.device.outcome_at(time.now() + timedelta(minutes=1))
    assert (result.is_up, result.code, result.notes, result.differences) == (True, None, (), ())
    assert result.bgp
    assert result.bgp.is_established


def test_a_device_keeps_its_settings_when_the_cloud_changes(site, clock):
    site.load()
    clock.tick(60)
    site.modify({"psk": "another"})
    clock.tick(60)
    assert site.status == DOWN
    assert site.tunnel.outcome.code == Code.PSK_MISMATCH
    site.load()
    clock.tick(60)
    assert site.status == UP


def test_settings_take_effect_when_the_connection_is_ready(settings, clock):
    settings.TRANSITION_SECONDS = 10
    site = Site()
    site.load()
    clock.tick(9)
    assert site.status == UNTRIED
    clock.tick(3)
    assert site.status == UP
    site.modify({"ike_lifetime": 3600})
    assert site.status == UNTRIED
    clock.tick(9)
    assert site.status == UNTRIED
    clock.tick(3)
    assert site.status == UP


def test_pfs_that_differs_shows_at_the_first_rekey(site, clock):
    site.load()
    site.edit(ipsec_pfs=["group14"])
    clock.tick(60)
    assert site.status == UP
    clock.tick(86400)
    assert site.status == NegotiationStatus.IPSEC_DOWN


def test_a_cut_line_is_noticed_and_recovered_from(site, clock):
    site.load()
    clock.tick(60)
    site.do("set_line", up=False)
    assert site.status == UP
    clock.tick(40)
    assert site.status == DOWN
    site.do("set_line", up=True)
    clock.tick(120)
    assert site.status == UP


def test_a_device_that_is_off_and_cut_needs_both_again(site, clock):
    site.load()
    clock.tick(60)
    site.do("switch", on=False)
    site.do("set_line", up=False)
    clock.tick(60)
    assert site.status == DOWN
    site.do("switch", on=True)
    clock.tick(120)
    assert site.status == DOWN
    site.load()
    clock.tick(120)
    assert site.status == DOWN
    site.do("set_line", up=True)
    clock.tick(120)
    assert site.status == UP


def test_switching_twice_changes_nothing_more(site, clock):
    site.load()
    for _ in range(2):
        site.do("switch", on=False)
        clock.tick(5)
    assert len(site.tunnel.device.surroundings.outages) == 1


def test_a_restart_and_a_reset_interrupt(site, clock):
    site.load()
    for name in ("restart", "reset"):
        clock.tick(60)
        assert site.status == UP
        site.do(name)
        assert site.status == DOWN
    clock.tick(60)
    assert site.status == UP


def test_traffic_starts_a_tunnel_that_waits_for_it(clock):
    site = Site(effect_immediately=False)
    site.load()
    site.edit(starts="never")
    clock.tick(60)
    assert site.status == UNTRIED
    site.do("send", End.CLOUD, 1000, steadily=True)
    site.do("send", End.CLOUD, 2000, steadily=True)
    clock.tick(60)
    assert site.status == UP
    site.do("stop_traffic", End.CLOUD)
    ended = [one.until for one in site.tunnel.device.surroundings.traffic]
    assert None not in ended


def test_a_tunnel_that_never_rests_is_computed_each_time(site, clock):
    site.load()
    site.edit(ipsec_kilobytes=1000, rekeys=False)
    site.do("send", End.CLOUD, 8_000_000, steadily=True)
    seen = set()
    for _ in range(40):
        clock.tick(1)
        assert site.tunnel.is_moving or site.tunnel.status == site.tunnel.outcome.status
        seen.add(site.tunnel.status)
    assert seen >= {UP, DOWN}
    assert site.status in seen


@pytest.mark.parametrize("change", ["psk", "bgp_key", "health_check"])
def test_what_a_tunnel_was_is_kept_when_it_changes(clock, change):
    site = Site(**BGP)
    gateway = site.tunnel.customer_gateway
    site.load()
    clock.tick(60)
    before = [*lines(Course(site.tunnel.device.situation), time.now() - timedelta(seconds=60), time.now())]
    began = site.tunnel.device.changed_at
    if change == "psk":
        site.modify({"psk": "planted-another"})
    elif change == "bgp_key":
        gateway.auth_key = "planted-key"
        modify_customer_gateway(site.actor, gateway, gateway.revision)
    else:
        site.modify(health_check=True, health_check_dip="192.168.0.1", health_check_sip="10.0.0.1")
    chapter = Chapter.objects.latest("id")
    assert (chapter.since, chapter.until) == (began, time.now())
    kept = read(Situation, chapter.situation)
    assert [*lines(Course(kept), chapter.since, chapter.until)] == before
    text = json.dumps(chapter.situation)
    assert site.tunnel.psk not in text
    assert "planted" not in text
    if change == "bgp_key":
        # The device has no key. Without the key of the gateway both sides agree, and the session is established.
        clock.tick(60)
        changed_back = time.now()
        gateway.refresh_from_db()
        gateway.auth_key = ""
        modify_customer_gateway(site.actor, gateway, gateway.revision)
        clock.tick(60)
        [line] = [
            one for one in lines(Course(site.tunnel.device.situation), changed_back, time.now())
            if one.component == "bgp" and one.end == End.CLOUD
        ]  # fmt: skip
        assert (line.at, "session established" in line.text) == (changed_back + timedelta(seconds=SESSION), True)
        assert site.tunnel.outcome.bgp.established_at == line.at
    # The tunnel is negotiated again only if what it is negotiated with changes.
    assert (site.tunnel.device.changed_at > began) == (change == "psk")
    clock.tick(60)
    assert site.status == (DOWN if change == "psk" else UP)


PROTECTED = {"routing_mode": "protected", "local_subnet": ["10.0.0.0/16"], "remote_subnet": ["192.168.0.0/16"]}
# Changes in this order, of the connection and of its tunnel.
CHANGES = (
    ({"name": "renamed"}, {}),
    (PROTECTED, {}),
    ({"local_subnet": ["10.1.0.0/16"]}, {}),
    ({"remote_subnet": ["192.168.0.0/17"]}, {}),
    ({"auto_config_route": False}, {}),
    # The networks stay everything: BGP first, then the mode.
    ({"enable_bgp": True}, TUNNEL_BGP),
    ({"routing_mode": "destination"}, {}),
    ({"routing_mode": "protected", "local_subnet": ["10.0.0.0/16"], "remote_subnet": ["192.168.0.0/16"]}, {}),
    ({"local_asn": 65001}, {}),
    ({}, {"tunnel_cidr": "169.254.11.0/30", "local_bgp_ip": "169.254.11.1"}),
    ({}, {"local_bgp_ip": "169.254.11.2"}),
    ({"enable_bgp": False}, {}),
    ({"health_check": True, "health_check_dip": "192.168.0.1", "health_check_sip": "10.0.0.1"}, {}),
    *(({name: value}, {}) for name, value in (
        ("health_check_dip", "192.168.0.2"), ("health_check_sip", "10.0.0.2"), ("health_check_interval", 5),
        ("health_check_retry", 5), ("health_check_policy", "reserve_route"), ("health_check", False),
        ("effect_immediately", False),
    )),
    *(({}, {name: value}) for name, value in (
        ("psk", "another"), ("ike_version", "ikev1"), ("ike_mode", "aggressive"), ("ike_enc_alg", "aes256"),
        ("ike_auth_alg", "sha256"), ("ike_pfs", "group14"), ("ike_lifetime", 3600), ("local_id", "cloud.example"),
        ("remote_id", "hq.example"), ("ipsec_enc_alg", "aes256"), ("ipsec_auth_alg", "sha256"),
        ("ipsec_pfs", "group14"), ("ipsec_lifetime", 3600), ("enable_dpd", False), ("enable_nat_traversal", False),
    )),
)  # fmt: skip


def test_the_forecast_of_a_change_says_whether_the_tunnel_is_negotiated_again(site, clock):
    site.load()
    other = factories.make_customer_gateway(site.account, ip_address="203.0.113.99")
    fields = {*sections.CONNECTION_FIELDS, *sections.API_FIELDS, *sections.TUNNEL_FIELDS}
    for connection, tunnel in (*CHANGES, ({}, {"customer_gateway": other})):
        clock.tick(60)
        stored, draft = site.draft(connection, tunnel)
        changes = diff.of_connection(stored, draft.connection, draft.tunnels, draft.applicability)
        said = any("negotiated again" in effect for effect in diff.effects(stored, draft.connection, changes))
        began = site.tunnel.device.changed_at
        modify_connection(site.actor, draft, stored.revision)
        assert (said, [*connection, *tunnel]) == (site.tunnel.device.changed_at > began, [*connection, *tunnel])
        fields -= {change.field for change in changes}
    assert fields == {"network_type"}


def test_a_name_begins_no_chapter(site, clock):
    site.load()
    clock.tick(60)
    chapters = Chapter.objects.count()
    site.modify(name="renamed")
    assert Chapter.objects.count() == chapters
    assert site.status == UP


def test_chapters_are_kept_for_180_days(site, clock):
    for _ in range(3):
        clock.tick(100 * 86400)
        site.do("reset")
    assert [time.now() - chapter.until < timedelta(days=180) for chapter in Chapter.objects.all()] == [True, True]


def test_the_last_problem_survives_a_change(site, clock):
    site.load()
    site.edit(psk="wrong")
    clock.tick(60)
    assert site.tunnel.outcome.code == Code.PSK_MISMATCH
    site.load()
    clock.tick(30)
    assert site.tunnel.outcome.problem.code == Code.PSK_MISMATCH


def test_an_edit_is_judged_and_refused_if_outdated(site):
    site.load()
    device = site.tunnel.device
    device.mtu = 1
    with pytest.raises(Invalid) as invalid:
        devices.edit_device(site.actor, device, device.revision)
    assert [problem.field for problem in invalid.value.problems] == ["mtu"]
    device.mtu = 1000
    devices.edit_device(site.actor, device, device.revision)
    with pytest.raises(Refused) as refused:
        devices.edit_device(site.actor, device, device.revision)
    assert refused.value.code == "changed_meanwhile"


def test_a_device_that_cannot_act_is_told_so(site):
    for do in (lambda: site.do("restart"), lambda: site.do("send", End.DEVICE, 1, steadily=False)):
        with pytest.raises(Refused) as refused:
            do()
        assert refused.value.code == "device_not_configured"
    site.load()
    site.do("switch", on=False)
    with pytest.raises(Refused) as refused:
        site.do("restart")
    assert refused.value.code == "device_off"
    with pytest.raises(Invalid):
        site.do("send", End.CLOUD, -1, steadily=False)


def test_what_happens_is_kept_up_to_a_bound(site, monkeypatch):
    monkeypatch.setattr(limits, "MAX_HAPPENINGS", 3)
    for _ in range(3):
        site.do("send", End.CLOUD, 1, steadily=False)
    with pytest.raises(Refused) as refused:
        site.do("send", End.CLOUD, 1, steadily=False)
    assert refused.value.code == "too_much_happened"
    site.do("reset")
    site.do("send", End.CLOUD, 1, steadily=False)


def test_a_connection_without_a_gateway_address_has_nothing_to_load():
    site = Site(network_type="private")
    with pytest.raises(Refused) as refused:
        site.load()
    assert refused.value.code == "no_gateway_ip"
    assert not site.tunnel.device.is_configured


EVERYTHING = {
    "load_configuration": ((), {}),
    "switch": ((), {"on": False}),
    "set_line": ((), {"up": False}),
    "restart": ((), {}),
    "send": ((End.CLOUD, 1), {"steadily": True}),
    "stop_traffic": ((End.CLOUD,), {}),
    "reset": ((), {}),
}


@pytest.mark.parametrize("name", EVERYTHING)
def test_every_action_needs_the_right_and_leaves_an_event(site, name):
    site.load()
    args, options = EVERYTHING[name]
    reader = Actor(site.account, "reader", role=Role.READ_ONLY)
    with pytest.raises(Refused) as refused:
        getattr(devices, name)(reader, site.tunnel, *args, **options)
    assert refused.value.code == "forbidden"
    site.do(name, *args, **options)
    event = Event.objects.latest("id")
    assert (event.resource_id, event.outcome) == (site.id, "success")
    assert event.facts["tunnel"] == site.tunnel.resource_id


def test_an_edit_leaves_an_event_without_keys(site):
    site.load()
    site.edit(psk="planted", mtu=1000)
    facts = Event.objects.latest("id").facts
    assert facts == {"tunnel": site.tunnel.resource_id, "psk": "changed", "mtu": [1399, 1000]}


def test_another_accounts_device_is_not_there(site):
    stranger = factories.make_actor(factories.make_account("B"))
    with pytest.raises(Refused) as refused:
        devices.load_configuration(stranger, site.tunnel)
    assert refused.value.code == "gone"


# --- the cloud beside the device ---------------------------------------------------------------------------------


def differing(site) -> list[str]:
    stored = Connection.objects.with_parts().prefetch_related("routes", "tunnels__device").get(resource_id=site.id)
    return [one.name for one in devices.compared(stored, stored.tunnels.all()[0]) if one.differs]


def test_a_device_that_has_loaded_differs_in_nothing_until_either_side_changes(clock):
    site = Site(**BGP)
    site.load()
    assert differing(site) == []
    site.modify({"psk": "another", "ike_pfs": "group14"}, local_asn=45200)
    site.edit(mtu=1200, local_subnet=["10.9.0.0/16"])
    assert differing(site) == ["ike_pfs", "psk", "local_subnet", "peer_asn"]


def test_a_comparison_shows_no_key(clock):
    site = Site(tunnel={"psk": "planted.psk"})
    site.load()
    site.edit(psk="other.psk")
    stored = Connection.objects.with_parts().prefetch_related("routes", "tunnels__device").get(resource_id=site.id)
    [key] = [one for one in devices.compared(stored, stored.tunnels.all()[0]) if one.name == "psk"]
    assert (key.cloud, key.device, key.differs) == ("******", "******", True)


@pytest.mark.parametrize("field", ["psk", "ike_pfs", "local_id", "ike_lifetime"])
def test_a_device_takes_one_value_of_the_cloud(site, clock, field):
    site.load()
    site.edit(psk="other", ike_pfs=["group14"], local_id="elsewhere", ike_lifetime=3600)
    clock.tick(60)
    site.do("take_cloud_value", field)
    assert sorted([*differing(site), field]) == ["ike_lifetime", "ike_pfs", "local_id", "psk"]
    event = Event.objects.latest("id")
    assert (event.operation, set(event.facts)) == ("ModifyDevice", {"tunnel", field})
    assert "other" not in json.dumps(event.facts)


def test_with_bgp_a_device_takes_the_whole_session(clock):
    site = Site()
    site.load()
    gateway = Connection.objects.get(resource_id=site.id).tunnel.customer_gateway
    assert gateway.asn
    site.modify(BGP["tunnel"], enable_bgp=True)
    assert differing(site) == ["local_subnet", "remote_subnet", "enable_bgp"] or differing(site) == ["enable_bgp"]
    site.do("take_cloud_value", "enable_bgp")
    assert "enable_bgp" not in differing(site)
    site.tunnel.device.full_clean()


def test_a_device_takes_only_what_the_peer_configuration_has(site):
    for configured, field, code in ((False, "psk", "device_not_configured"), (True, "mtu", "no_cloud_value")):
        if configured:
            site.load()
        with pytest.raises(Refused) as caught:
            site.do("take_cloud_value", field)
        assert caught.value.code == code
    with pytest.raises(Refused):
        site.do("take_cloud_value", "local_asn")


# --- devices of new connections ----------------------------------------------------------------------------------


def test_new_devices_are_configured_at_once_if_the_account_says_so(clock):
    account = factories.make_account()
    change_settings(factories.make_actor(account), new_devices="configured")
    event = Event.objects.latest("id")
    assert (event.operation, event.facts) == (
        "ModifyAccountSettings", {"new_devices": ["not_configured", "configured"]}
    )  # fmt: skip
    draft = factories.make_draft(account)
    create_connection(factories.make_actor(account), draft)
    tunnel = Tunnel.objects.whole().get()
    assert tunnel.device.is_configured
    assert tunnel.status == UNTRIED
    clock.tick(600)
    assert tunnel.status == UP
    assert list(derived.outdated()) == []


def test_a_connection_without_a_gateway_address_finds_a_device_that_is_not_configured(clock):
    account = factories.make_account()
    change_settings(factories.make_actor(account), new_devices="configured")
    router = factories.make_transit_router(account, cidrs=["10.200.0.0/20"])
    made = factories.make_connection(account, network_type="private")
    assert not Device.objects.get().is_configured
    # It gets its address, and its device the configuration, when it is attached.
    clock.tick(60)
    attachment = Attachment(transit_router=router, zone="eu-central-1a")
    create_attachment(factories.make_actor(account), attachment, made.resource_id)
    tunnel = Tunnel.objects.whole().get()
    assert (tunnel.device.is_configured, tunnel.device.peer_address) == (True, tunnel.internet_ip)
    clock.tick(600)
    assert tunnel.status == UP
    assert list(derived.outdated()) == []


def test_new_devices_follow_the_setting_at_the_time_of_the_operation():
    account = factories.make_account()
    read_before = Account.objects.get(pk=account.pk)
    change_settings(factories.make_actor(account), new_devices="configured")
    factories.make_connection(read_before)
    assert Device.objects.get().is_configured


def test_an_unknown_setting_is_refused():
    account = factories.make_account()
    with pytest.raises(Invalid):
        change_settings(factories.make_actor(account), new_devices="perhaps")
    assert not Event.objects.filter(outcome="success").exists()


def test_a_document_carries_the_setting_and_devices_that_are_not_configured(clock):
    account = factories.make_account()
    factories.make_connection(account)
    change_settings(factories.make_actor(account), new_devices="configured")
    factories.make_connection(account, network_type="public", name="second")
    text = as_text(exported(account, keys=True), "json")
    other = factories.make_account("Copy")
    outcome = import_text(factories.make_actor(other), text)
    assert outcome.faults == []
    other.refresh_from_db()
    assert other.new_devices == "configured"
    mine = Device.objects.filter(tunnel__account=other).order_by("tunnel")
    assert [device.is_configured for device in mine] == [False, True]


def test_a_document_without_devices_gets_configured_ones_if_the_account_says_so(clock):
    source, target = factories.make_account(), factories.make_account("Target")
    factories.make_connection(source)
    text = as_text(exported(source, keys=True), "json")
    assert '"device"' not in text
    change_settings(factories.make_actor(target), new_devices="configured")
    import_text(factories.make_actor(target), text)
    assert Device.objects.get(tunnel__account=target).is_configured
    clock.tick(60)
    assert Tunnel.objects.whole().get(account=target).status == UP


def test_a_document_with_an_unknown_setting_is_faulted():
    account = factories.make_account()
    document = exported(account) | {"account": {"new_devices": "perhaps"}}
    faults = import_text(factories.make_actor(account), as_text(document, "json")).faults
    assert [fault.place for fault in faults] == ["account.new_devices"]


def test_many_tunnels_that_have_left_their_rest_are_stored_once(site, clock, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(negotiations, "MANY", 2)
    gateway = site.tunnel.customer_gateway
    ids = [site.id, *(factories.make_connection(site.account, gateway=gateway).resource_id for _ in range(3))]
    for one in ids:
        site.id = one
        site.load()
        site.edit(ipsec_pfs=["group14"])
    clock.tick(60)
    assert negotiations.moving_tunnels(site.account, factories.REGION) == []
    clock.tick(86400)
    counts = lambda: summary.of_connections(site.account, factories.REGION, {})[1]  # noqa: E731
    before = [(figure.state, figure.count) for figure in counts()]
    assert before == [(NegotiationStatus.IPSEC_DOWN, 4)]
    assert not any(tunnel.is_moving for tunnel in Tunnel.objects.all())
    assert list(derived.outdated()) == []
    with django_assert_num_queries(1):
        assert [(figure.state, figure.count) for figure in counts()] == before


def test_pages_are_right_if_nothing_can_be_stored(site, clock, monkeypatch):
    monkeypatch.setattr(negotiations, "MANY", 0)
    site.load()
    site.edit(ipsec_pfs=["group14"])
    clock.tick(86460)
    with read_only():
        _states, figures = summary.of_connections(site.account, factories.REGION, {})
    assert [(figure.state, figure.count) for figure in figures] == [(NegotiationStatus.IPSEC_DOWN, 1)]
    assert site.tunnel.is_moving
    assert site.status == NegotiationStatus.IPSEC_DOWN
    assert not site.tunnel.is_moving


def test_a_connection_of_two_tunnels_that_move_counts_once(site, clock):
    site.load()
    second = copy.copy(site.tunnel)
    second.pk, second.resource_id, second.index, second._state.adding = None, "", 2, True
    second.save()
    Device.objects.make([second], changed_at=time.now())
    Tunnel.objects.update(negotiation_settles=time.now() + timedelta(seconds=60))
    _states, figures = summary.of_connections(site.account, factories.REGION, {})
    assert {figure.state: figure.count for figure in figures} == {UNTRIED: 1}
    clock.tick(10)
    _states, figures = summary.of_connections(site.account, factories.REGION, {})
    assert {figure.state: figure.count for figure in figures} == {UP: 1, DOWN: 1}
