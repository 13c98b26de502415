"""Page objects of tunnels, their simulated devices, the diagnosis and the logs."""

import pytest
from playwright.sync_api import expect

from tests.kit.plugin import *  # noqa: F403
from vpn_console_kit import pages
from vpn_console_kit.base import NoSuchRow

pytestmark = pytest.mark.browser
# One of its tunnels is up; the device of the second has another DH group.
DUAL = "rotterdam-two-tunnels"


def codes(world, connection: str) -> list[dict]:
    """Codes of the tunnels of a connection, as the endpoint has them."""
    shown = world.peer(world.names.connections[connection].id)["tunnels"]
    return [{"status": one["negotiation"]} | {name: one[name] for name in ("code", "bgp", "health")} for one in shown]


def test_tunnels_have_the_codes_of_the_world_and_their_own_forms(app, world):
    details = app.connections.row(DUAL).open()
    tunnels = details.tunnels()
    assert [tunnel.codes() for tunnel in tunnels] == codes(world, DUAL)
    assert [tunnel.codes()["status"] for tunnel in tunnels] == ["ipsec_sa_established", "ike_sa_not_established"]
    first, second = tunnels
    expect(first.bgp).to_have_attribute("data-bgp", "Established")
    expect(first.value("ike_pfs")).to_have_text("group14")
    expect(second.code).to_have_attribute("data-code", "DhGroupMismatch")
    error = second.error()
    assert "DhGroupMismatch" in error.text
    error.cancel()
    with pytest.raises(NoSuchRow, match="no tunnel 3"):
        details.tunnel(3)
    form = second.edit()
    assert form.fill(ike_pfs="group2", ike_lifetime=86401).submit().errors == {"ike_lifetime": "out_of_range"}
    assert form.fill(ike_lifetime=3600).submit().operation == "ModifyVpnAttachmentAttribute"
    # Saving does not interrupt what is down, but what is up.
    form = details.tunnel(1).edit().fill(ike_enc_alg="aes192")
    assert form.submit().operation == ""
    expect(form.review).to_be_visible()
    assert form.submit().operation == "ModifyVpnAttachmentAttribute"
    world.advance(600)
    statuses = [tunnel.codes()["status"] for tunnel in details.tunnels()]
    assert statuses == ["ike_sa_not_established", "ipsec_sa_established"]


def test_a_device_is_changed_compared_with_the_cloud_and_loaded_again(app, world):
    world.clock("held")
    device = app.connections.row(DUAL).open().device(2)
    assert device.id == world.peer(world.names.connections[DUAL].id)["tunnels"][1]["id"]
    same = {"configured": "true", "power": "true", "line": "true"}
    assert device.codes() == {"status": "ike_sa_not_established", "code": "DhGroupMismatch"} | same
    assert device.differences() == ["ike_pfs", "announced"]
    expect(device.side("ike_enc_alg")).to_have_attribute("data-differs", "false")
    assert device.take("ike_pfs").operation == "ModifyDevice"
    assert device.differences() == ["announced"]
    form = device.edit().fill(psk="another", mtu=1300, ike_enc_alg=["aes192", "des"], announced=["10.70.0.0/16"])
    assert form.submit().operation == "ModifyDevice"
    expect(device.value("ike_enc_alg")).to_have_text("aes192, des")
    assert device.differences() == ["ike_enc_alg", "psk", "announced"]
    assert device.load().operation == "LoadDeviceConfiguration"
    assert device.differences() == []
    world.advance(60)
    assert device.codes() == {"status": "ipsec_sa_established", "code": ""} | same


def test_a_device_is_switched_cut_off_and_sends(app, world):
    device = app.connections.row(DUAL).open().device()
    assert [device.set_power(on=False).operation, device.codes()["power"]] == ["SwitchDeviceOff", "false"]
    # It is off already.
    assert device.set_power(on=False).operation == ""
    assert [device.set_power(on=True).operation, device.codes()["power"]] == ["SwitchDeviceOn", "true"]
    assert [device.set_line(up=False).operation, device.codes()["line"]] == ["CutLine", "false"]
    assert [device.set_line(up=True).operation, device.codes()["line"]] == ["RestoreLine", "true"]
    assert device.restart().operation == "RestartDevice"
    assert device.reset().operation == "ResetTunnel"
    assert device.stop("device").operation == "StopTraffic"
    assert device.send("device").operation == "SendTraffic"
    assert device.send("device", steadily=True).operation == "SendTraffic"
    assert [event["operation"] for event in world.events()][-9:] == [
        "SwitchDeviceOff", "SwitchDeviceOn", "CutLine", "RestoreLine", "RestartDevice", "ResetTunnel", "StopTraffic",
        "SendTraffic", "SendTraffic",
    ]  # fmt: skip


def test_a_diagnosis_leads_to_what_mends_the_tunnel(app, as_persona, world):
    world.clock("held")
    diagnosis = app.connections.row(DUAL).diagnose()
    first, second = diagnosis.report(), diagnosis.report(2)
    assert {"status": first.codes()["status"], "code": ""} == first.codes()
    assert second.codes() == {"status": "ike_sa_not_established", "code": "DhGroupMismatch"}
    found = second.findings()
    assert found["ike_group"] == "error"
    assert {*found.values()} <= {"error", "warning", "normal"}
    assert first.findings()["ike_group"] == "normal"
    expect(second.finding("ike_group")).to_have_attribute("data-level", "error")
    expect(diagnosis.text).to_contain_text("DhGroupMismatch")
    # On the cloud's side.
    second.mend("ike_group")
    form = pages.TunnelEditForm(app, 2).fill(ike_pfs="group2")
    assert form.submit().operation == "ModifyVpnAttachmentAttribute"
    world.advance(60)
    diagnosis = app.connections.row(DUAL).open().diagnose()
    assert diagnosis.report(2).codes() == {"status": "ipsec_sa_established", "code": ""}
    as_persona("omar").connections.row(DUAL).open().device(2).set_power(on=False)
    assert diagnosis.report(2).findings()["device"] == "normal"
    diagnosis.again()
    assert diagnosis.report(2).findings()["device"] == "error"


def test_logs_are_filtered_by_tunnel_time_text_level_and_end(app, world):
    world.clock("held")
    logs = app.connections.row(DUAL).logs()
    logs.filter(tunnel=2)
    everything = logs.lines()
    assert {line.end for line in everything} == {"cloud", "device"}
    assert {line.level for line in everything} == {"INFO", "PROTO_ERR"}
    logs.filter(level="errors", ends="cloud")
    errors = logs.lines()
    assert {(line.end, line.level, line.component) for line in errors} == {("cloud", "PROTO_ERR", "phase1")}
    assert all("no proposal chosen" in line.text for line in errors)
    assert [line.at for line in errors] == sorted((line.at for line in errors), reverse=True)
    logs.filter(text="nothing like this")
    assert logs.lines() == []
    logs.filter(text="", level="", ends="", window="own", start="2026-03-01T09:00:00", end="2026-03-01T09:30:00")
    assert logs.lines() == []
    logs.filter(tunnel=1, window="7d")
    expect(app.get("log-level")).to_have_value("")
    newest = logs.lines()
    assert newest[0].at.startswith("2026-03-02")
    logs.filter(tunnel=2)
    newest = logs.lines()
    logs.older()
    assert logs.lines()[: len(newest)] == newest
    assert len(logs.lines()) > len(newest)
    # Lines are added above while the page follows.
    app.connections.row(DUAL).open().logs().follow()
    expect(app.page.locator("[data-follow]")).to_have_count(1)
