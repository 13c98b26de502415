"""The pages of a connection's life: modify, attach, authorize, routes, delete, events."""

import re

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from connections.models import Attachment, Authorization, Connection, Event, TransitRouter
from connections.services.attachments import create_attachment
from tests.console.conftest import htmx
from vpnconsole.testing import factories
from vpnconsole.testing.pages import main_form

PROTECTED = {"routing_mode": "protected", "local_subnet": ["10.0.0.0/16"], "remote_subnet": ["192.168.0.0/16"]}


@pytest.fixture
def connection(alice, gateway):
    return factories.make_connection(alice.account, gateway=gateway, tunnel={"psk": "stored-s3cret"})


@pytest.fixture
def attached(alice, gateway, router):
    return factories.make_connection(alice.account, gateway=gateway, router=router, name="attached")


@pytest.fixture
def foreign(alice, gateway, bob):
    """Alice's connection, attached to Bob's transit router."""
    router = factories.make_transit_router(bob.account, name="bobs-router")
    made = factories.make_connection(alice.account, gateway=gateway, name="alices-secret-name")
    Authorization(connection=made, peer_uid=bob.account.uid, peer_cen_id=router.cen.resource_id).save()
    attachment = Attachment(transit_router=TransitRouter.objects.get(pk=router.pk), zone="eu-central-1a")
    create_attachment(factories.make_actor(bob.account), attachment, made.resource_id, alice.account.uid)
    return Attachment.objects.get()


def sent(connection) -> dict:
    """Posted data of an unchanged modification form."""
    tunnel = connection.tunnel
    values = {
        "revision": connection.revision,
        "name": connection.name,
        "routing_mode": connection.routing_mode,
        "local_subnet": connection.local_subnet,
        "remote_subnet": connection.remote_subnet,
        "effect_immediately": str(connection.effect_immediately),
        "local_asn": connection.local_asn,
        "tunnel1-customer_gateway": tunnel.customer_gateway.resource_id,
        "tunnel1-psk": "",
        "tunnel1-enable_dpd": "on",
        "tunnel1-enable_nat_traversal": "on",
    }
    for name in ("ike_version", "ike_mode", "ike_enc_alg", "ike_auth_alg", "ike_pfs", "ike_lifetime", "local_id",
                 "remote_id", "ipsec_enc_alg", "ipsec_auth_alg", "ipsec_pfs", "ipsec_lifetime"):  # fmt: skip
        values[f"tunnel1-{name}"] = getattr(tunnel, name)
    return values


def modify(connection) -> str:
    return f"{connection.get_absolute_url()}modify/"


def text(answer) -> str:
    return answer.content.decode()


# --- modifying ---------------------------------------------------------------------------------------------------


def test_ok_without_a_change_changes_nothing(console, connection):
    assert console.post(modify(connection), sent(connection)).url == connection.get_absolute_url()
    stored = Connection.objects.with_parts().get()
    assert stored.tunnel.psk == "stored-s3cret"
    assert Event.objects.latest("id").facts == {}


def test_who_renames_is_told_by_the_new_name(console, connection):
    answer = console.post(modify(connection), sent(connection) | {"name": "renamed"}, follow=True)
    assert "IPsec-VPN connection renamed was modified." in text(answer)


def test_the_page_is_filled_and_keeps_the_key_to_itself(console, connection):
    page = text(console.get(modify(connection)))
    assert 'value="hq"' in page
    assert "stored-s3cret" not in page
    assert "replace-tunnel1-psk" in page
    assert f'<option value="{connection.tunnel.customer_gateway.resource_id}" selected' in page


def test_locked_fields_are_shown_but_not_sent(console, attached):
    page = text(console.get(modify(attached)))
    for name in ("network_type", "associate_resource", "cen", "transit_router", "zone", "auto_publish_route_enabled"):
        assert f'name="{name}"' not in page
        assert f'id="div_id_{name}"' in page
    assert attached.attachment.get_absolute_url() in page
    assert 'name="resource_group"' not in page


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("network_type", "private", "The gateway type can't be changed"),
        ("zone", "eu-central-1c", "delete the attachment, then attach the connection again"),
        ("associate_resource", "NO_ASSOCIATED", "delete the attachment, then attach the connection again"),
        ("transit_router", "tr-another", "delete the attachment, then attach the connection again"),
        ("auto_publish_route_enabled", "", "Switched on the CEN side"),
    ],
)
def test_a_forged_change_of_a_locked_field_is_refused(console, attached, name, value, reason):
    answer = console.post(modify(attached), sent(attached) | {"name": "not saved", name: value})
    assert answer.status_code == 200
    assert reason in answer.context["form"].error_summary[0].message.text
    stored = Connection.objects.get()
    assert (stored.name, stored.network_type, stored.attachment.zone) == ("attached", "public", "eu-central-1a")


def test_the_same_value_of_a_locked_field_is_no_change(console, attached):
    same = {"network_type": "public", "zone": "eu-central-1a", "associate_resource": "CEN"}
    assert console.post(modify(attached), sent(attached) | same).status_code == 302


def test_a_refused_change_keeps_what_was_typed(console, connection):
    answer = console.post(modify(connection), sent(connection) | {"tunnel1-psk": "a b", "name": "typed"})
    page = text(answer)
    assert "Spaces are not allowed" in page
    assert 'value="typed"' in page
    assert 'value="a b"' in page
    assert Connection.objects.get().name == "hq"


def test_while_a_state_is_on_the_move_the_page_says_so(console, connection, settings):
    settings.TRANSITION_SECONDS = 60
    values = sent(connection)
    connection.begin("updating")
    connection.save()
    answer = console.post(modify(connection), values | {"name": "new"})
    assert "is busy: Updating" in text(answer)
    assert Connection.objects.get().name == "hq"


def test_an_answer_tells_what_would_change(console, alice, gateway):
    made = factories.make_connection(alice.account, gateway=gateway, **PROTECTED)
    address = reverse("connection-modify-fields", args=[made.region_id, made.resource_id, "routing_mode"])
    values = sent(made) | {"routing_mode": "destination"}
    answer = console.post(address, values, headers=htmx(modify(made)))
    page = text(answer)
    assert 'id="changes"' in page
    assert "Automatic routes are withdrawn: 192.168.0.0/16." in page
    assert "Cleared, because it no longer applies." in page
    # The fragment uses addresses relative to its page.
    assert 'hx-post="/' not in page
    assert Connection.objects.get().routing_mode == "protected"


def test_what_is_offered_is_among_the_changes(console, connection):
    """The fields contain the change, and OK would store it."""
    address = reverse("connection-modify-fields", args=[connection.region_id, connection.resource_id, "enable_bgp"])
    page = text(console.post(address, sent(connection) | {"enable_bgp": "on"}, headers=htmx(modify(connection))))
    assert "169.254.10.0/30" in page.split('id="changes"')[1].split("</section>")[0]
    told = page.split('href="#bgp"')[1].split("</a>")[0]
    assert "unchanged" in told


def test_without_javascript_the_changes_are_told_on_request(console, connection):
    page = text(console.post(modify(connection), sent(connection) | {"name": "other", "_action": "update"}))
    assert '<td class="wrap">hq</td>' in page
    assert Connection.objects.get().name == "hq"


def test_a_stale_page_is_told_what_changed_and_by_whom(console, alice, gateway):
    made = factories.make_connection(alice.account, gateway=gateway, **PROTECTED)
    old = sent(made)
    console.post(modify(made), old | {"name": "first", "remote_subnet": ["192.168.5.0/24"], "health_check": "on",
                                      "health_check_dip": "192.168.5.1", "health_check_sip": "10.0.0.1",
                                      "health_check_interval": "3", "health_check_retry": "3"})  # fmt: skip
    answer = console.post(modify(made), old | {"name": "second", "tunnel1-ike_enc_alg": "aes256"})
    page = text(answer)
    assert "Somebody else changed" in page
    assert "Changed by alice after you opened this page: first" in page
    assert 'value="second"' in page
    # Not changed in this form, so it takes the value stored meanwhile.
    assert 'value="192.168.5.0/24"' in page
    assert 'name="revision" value="2"' in page
    form = answer.context["form"]
    assert {change.field for change in form.found} == {"name", "ike_enc_alg"}
    assert Connection.objects.get().name == "first"


def by_dialog(console, resource, **tags):
    """Set a resource's tags in its dialog."""
    address = reverse("resource-tags", args=[resource.resource_id])
    form = main_form(console.get(address).content.decode())
    answer = console.post(address, form | {"tag_key": list(tags), "tag_value": list(tags.values())})
    assert answer.status_code == 302


@pytest.mark.parametrize("by", ["dialog", "modification"])
def test_a_stale_page_takes_over_tags_that_it_has_not_changed(console, alice, gateway, by):
    made = factories.make_connection(alice.account, gateway=gateway, tags=[("env", "test")])
    old = main_form(text(console.get(modify(made))))
    if by == "dialog":
        by_dialog(console, made, env="prod", site="")
    else:
        console.post(modify(made), old | {"tag_key": ["env", "site"], "tag_value": ["prod", ""]})
    answer = console.post(modify(made), old | {"name": "renamed"})
    assert "Somebody else changed" in text(answer)
    assert "Changed by alice after you opened this page." in text(answer)
    form = main_form(text(answer))
    assert (form["tag_key"], form["tag_value"]) == (["env", "site", ""], ["prod", "", ""])
    console.post(modify(made), form)
    stored = Connection.objects.get()
    assert (stored.name, sorted(map(str, stored.tags.all()))) == ("renamed", ["env=prod", "site"])


def test_a_stale_page_keeps_the_tags_that_were_typed_into_it(console, alice, gateway):
    made = factories.make_connection(alice.account, gateway=gateway, tags=[("env", "test")])
    old = main_form(text(console.get(modify(made))))
    by_dialog(console, made, env="prod")
    answer = console.post(modify(made), old | {"tag_key": ["mine"], "tag_value": ["1"]})
    assert "Changed by alice after you opened this page." in text(answer)
    assert main_form(text(answer))["tag_key"] == ["mine", ""]
    assert [str(tag) for tag in made.tags.all()] == ["env=prod"]


@pytest.mark.parametrize("revision", ["", "x", "-1", "0", "999"])
def test_a_nonsense_revision_is_stale(console, connection, revision):
    answer = console.post(modify(connection), sent(connection) | {"name": "new", "revision": revision})
    assert "Somebody else changed" in text(answer)


# --- attaching ---------------------------------------------------------------------------------------------------


def attach(router) -> str:
    return reverse("attachment-create", args=[router.cen.resource_id, router.resource_id])


def test_attaching_offers_what_is_free(console, connection, attached, router):
    page = text(console.get(attach(router)))
    assert f'value="{connection.resource_id}"' in page
    assert f'value="{attached.resource_id}"' not in page
    answer = console.post(attach(router), {
        "resource_owner": "current", "connection": connection.resource_id, "zone": "eu-central-1b", "name": "a-name",
        "auto_publish_route_enabled": "on"})  # fmt: skip
    assert answer.url == f"{router.get_absolute_url()}connections/"
    made = Attachment.objects.get(connection=connection)
    assert (made.name, made.zone, made.auto_publish_route_enabled, made.associate_default_route_table) == (
        "a-name", "eu-central-1b", True, False)  # fmt: skip


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"resource_owner": "current", "zone": "eu-central-1a"}, "connection"),
        ({"resource_owner": "current", "zone": "eu-central-1a", "connection": "vco-nope"}, "connection"),
        ({"resource_owner": "different", "zone": "eu-central-1a"}, "owner_uid"),
        ({"resource_owner": "current", "zone": "", "connection": "free"}, "zone"),
        ({"resource_owner": "current", "zone": "cn-hangzhou-h", "connection": "free"}, "zone"),
        ({"resource_owner": "current", "zone": "eu-central-1a", "connection": "free", "name": "http://x"}, "name"),
    ],
)
def test_what_is_wrong_with_an_attachment_is_said_at_its_field(console, connection, router, values, field):
    values = {name: connection.resource_id if value == "free" else value for name, value in values.items()}
    answer = console.post(attach(router), values)
    assert field in answer.context["form"].errors
    assert not Attachment.objects.exists()


def test_another_accounts_connection_is_an_id_and_a_uid(bobs, console, foreign):
    router = foreign.transit_router
    for address in (
        f"{router.get_absolute_url()}connections/",
        f"{router.get_absolute_url()}routes/",
        foreign.get_absolute_url(),
        "/events/",
    ):
        page = text(bobs.get(address))
        assert foreign.connection.resource_id in page
        assert "alices-secret-name" not in page
    own = text(console.get(foreign.connection.get_absolute_url()))
    assert router.resource_id in own
    assert "bobs-router" not in own
    assert f"of account {foreign.account.uid}" in own
    for address in ("/eu-central-1/connections/", f"{foreign.connection.get_absolute_url()}authorizations/"):
        assert "bobs-router" not in text(console.get(address))


def test_the_owner_reads_of_the_other_accounts_doing_but_not_its_details(console, foreign):
    page = text(console.get(f"{foreign.connection.get_absolute_url()}events/"))
    assert "CreateTransitRouterVpnAttachment" in page
    assert "Another account" in page


def test_an_attachment_is_changed_and_the_switch_is_seen(console, attached):
    attachment = attached.attachment
    address = f"{attachment.get_absolute_url()}modify/"
    answer = console.post(address, {"name": "n", "revision": "1", "associate_default_route_table": "on"})
    assert answer.url == attachment.get_absolute_url()
    attachment.refresh_from_db()
    assert (attachment.auto_publish_route_enabled, attachment.associate_default_route_table) == (False, True)
    late = console.post(address, {"name": "late", "revision": "1"})
    assert "Stored value: n." in text(late)
    assert "Stored value: On." in text(late)
    # Within one account there is no payer to choose.
    assert b'name="order_type"' not in console.get(address).content


def test_the_payer_is_put_into_force_where_it_was_agreed(bobs, foreign):
    address = f"{foreign.get_absolute_url()}modify/"
    values = {"name": "", "revision": "1", "auto_publish_route_enabled": "on", "associate_default_route_table": "on",
              "propagate_to_default_route_table": "on", "order_type": "PayByResourceOwner"}  # fmt: skip
    assert "an hour after attaching" in text(bobs.post(address, values))
    foreign.refresh_from_db()
    assert foreign.order_type == "PayByCenOwner"


def test_detaching_says_what_remains(console, attached):
    address = f"{attached.attachment.get_absolute_url()}delete/"
    assert "an association with" in text(console.post(address, {"withdraw": "on"}))
    assert console.post(address, {"force": "on"}).status_code == 302
    assert Connection.objects.with_parts().get().state == "init"
    assert console.get(address).status_code == 404


# --- authorizing -------------------------------------------------------------------------------------------------


def test_an_authorization_comes_and_goes(console, connection):
    base = f"{connection.get_absolute_url()}authorizations/"
    values = {"peer_uid": "1234567890123456", "peer_cen_id": "cen-abc", "order_type": "PayByResourceOwner"}
    assert console.post(f"{base}create/", values).url == base
    assert "VPN Owner" in text(console.get(base))
    twice = console.post(f"{base}create/", values, headers=htmx(base))
    assert "authorized already" in text(twice)
    assert console.post(f"{base}cen-abc/payer/", {"order_type": "PayByCenOwner"}).url == base
    assert Authorization.objects.get().order_type == "PayByCenOwner"
    assert console.post(f"{base}cen-abc/delete/").url == base
    assert not Authorization.objects.exists()


def test_while_attached_the_dialog_says_why_not(console, attached):
    address = f"{attached.get_absolute_url()}authorizations/create/"
    for answer in (console.get(address, headers=htmx()), console.post(address, {"peer_uid": "1" * 16}, headers=htmx())):
        assert "is attached to" in text(answer)
        assert "<form" not in text(answer)


# --- routes ------------------------------------------------------------------------------------------------------


def test_a_table_says_why_it_is_empty(console, connection, attached, router):
    assert "once the connection is attached" in text(console.get(f"{connection.get_absolute_url()}routes/"))
    assert "add a route for each data center network" in text(console.get(f"{attached.get_absolute_url()}routes/"))
    assert "BGP is not enabled" in text(console.get(f"{attached.get_absolute_url()}bgp-routes/"))
    bare = factories.make_transit_router(connection.account)
    assert "Nothing is attached" in text(console.get(f"{bare.get_absolute_url()}routes/"))


def test_what_a_transit_router_has_of_itself_is_counted(console, alice, gateway, settings):
    settings.TRANSITION_SECONDS = 0
    router = factories.make_transit_router(alice.account, cidrs=["10.100.0.0/20"])
    for first in (0, 4, 8):
        networks = [f"192.168.{number}.0/24" for number in range(first, first + 4)]
        factories.make_connection(
            alice.account, gateway=gateway, router=router, routing_mode="protected", local_subnet=["10.0.0.0/16"],
            remote_subnet=networks,
        )  # fmt: skip
    base = f"{router.get_absolute_url()}routes/?size=10"
    for address, rows in ((base, 11), (f"{base}&page=2", 2)):
        page = console.get(address).content.decode()
        assert page.count('<th class="mono" role="rowheader" scope="row">') == rows
        assert "13 in total" in page


def test_a_weight_that_is_none_is_refused(console, attached):
    base = f"{attached.get_absolute_url()}routes/"
    console.post(f"{base}create/", {"destination": "172.20.0.0/16", "weight": "100"})
    for weight in ("50", "x", ""):
        answer = console.post(f"{base}weight/", {"destination": "172.20.0.0/16", "weight": weight}, follow=True)
        assert "The weight is 0 (standby) or 100 (active)" in text(answer)
    assert attached.routes.get().weight == 100


# --- deleting and events -----------------------------------------------------------------------------------------


def test_deleting_while_attached_leads_to_the_attachment(console, attached):
    address = f"{attached.get_absolute_url()}delete/"
    for answer in (console.get(address), console.post(address)):
        assert attached.attachment.get_absolute_url() in text(answer)
    assert Connection.objects.exists()


def test_several_are_deleted_one_by_one(console, connection, attached, bob, bobs):
    gateway = factories.make_customer_gateway(bob.account)
    others = factories.make_connection(bob.account, gateway=gateway)
    address = "/eu-central-1/connections/delete/"
    ids = {"id": [connection.resource_id, attached.resource_id, others.resource_id]}
    asked = text(console.get(address, ids))
    assert "1 of 2 selected connections" in asked
    assert others.resource_id not in asked.split('id="main"')[1]
    done = text(console.post(address, ids))
    assert "1 of 2 deleted" in done
    assert "Delete the attachment there first" in done
    assert set(Connection.objects.values_list("name", "account__name")) == {
        ("attached", "Harbour Logistics"), ("hq", "Summit Retail")}  # fmt: skip
    assert "No connections are selected" in text(console.get(address))


def test_the_event_log_is_filtered(clock, console, connection, attached):
    console.post(f"{attached.get_absolute_url()}delete/")
    refused = text(console.get("/events/?outcome=refused"))
    assert "DeleteVpnAttachment" in refused
    assert "(attached)" in refused

    def operations(query):
        return {event.operation for event in console.get(f"/events/?{query}").context["table"].page}

    assert operations(f"q={connection.resource_id}") == {"CreateVpnAttachment"}
    assert operations("operation=CreateCen") == {"CreateCen"}
    assert operations("actor=nobody") == set()
    assert "CreateCen" in operations("since=2026-11-24&until=2026-11-24")
    assert operations("since=2026-11-25") == set()
    assert "CreateCen" in operations("since=nonsense")


def test_no_event_tells_a_secret(console, connection):
    console.post(modify(connection), sent(connection) | {"tunnel1-psk": "brand-new-s3cret"})
    page = text(console.get("/events/")) + text(console.get(f"{connection.get_absolute_url()}events/"))
    assert "<dt>Pre-Shared Key</dt><dd>changed</dd>" in page
    assert "s3cret" not in page


def test_query_counts_of_the_new_pages(console, attached, router, django_assert_num_queries, without_demo):
    details = attached.get_absolute_url()
    console.get(details)
    for address, most in (
        (f"{details}modify/", 9),
        (f"{details}bgp-routes/", 7),
        (f"{details}authorizations/", 6),
        (f"{details}events/", 8),
        (f"{router.get_absolute_url()}connections/", 5),
        (f"{router.get_absolute_url()}routes/", 11),
        ("/events/", 12),
    ):
        with django_assert_num_queries(most, exact=False, info=address):
            assert console.get(address).status_code == 200


# --- what leads on -----------------------------------------------------------------------------------------------


def steps(page: str) -> dict[str, str]:
    return {key: tone for tone, key in re.findall(r'class="step-(\w+)" data-testid="step-(\w+)"', page)}


def test_steps_lead_to_traffic_and_can_be_dismissed(console, alice, gateway, router, clock):
    made = factories.make_connection(alice.account, gateway=gateway)
    clock.tick(5)
    details = made.get_absolute_url()
    page = text(console.get(details))
    assert steps(page) == {"created": "good", "attach": "idle", "device": "idle", "tunnel": "idle", "routes": "idle"}
    assert "The simulated device is not configured yet." in page
    # The only transit router, connection and zone are chosen already.
    form = console.get(reverse("connection-attach", args=[made.region_id, made.resource_id]), follow=True)
    values = main_form(text(form))
    assert (values["connection"], values["zone"]) == ([made.resource_id], ["eu-central-1a"])
    console.post(form.request["PATH_INFO"], values)
    clock.tick(5)
    tunnel = made.tunnels.get()
    console.post(reverse("device-load", args=[made.region_id, made.resource_id, tunnel.resource_id]))
    clock.tick(5)
    console.post(f"{details}routes/create/", {"destination": "192.168.0.0/24", "weight": "100"})
    assert steps(text(console.get(details))) == {}
    # What is missing again is a step again, until the user dismisses it.
    console.post(reverse("device-off", args=[made.region_id, made.resource_id, tunnel.resource_id]))
    clock.tick(60)
    assert steps(text(console.get(f"{details}header/?steps")))["tunnel"] == "idle"
    assert console.post(f"{details}steps/dismiss/").url == details
    assert steps(text(console.get(details))) == {}


def test_another_account_sees_what_waits(console, connection, bob, bobs, router, alice):
    wanted = factories.make_transit_router(bob.account, name="bobs-router")
    grant = {"peer_uid": f"{bob.account.uid}, {wanted.cen.resource_id}", "order_type": "PayByCenOwner"}
    base = f"{connection.get_absolute_url()}authorizations/"
    assert console.post(f"{base}create/", grant).url == base
    for address in (wanted.cen.get_absolute_url(), wanted.get_absolute_url()):
        page = text(bobs.get(address))
        assert f'data-testid="waiting-{connection.resource_id}"' in page
        assert connection.name not in strip_tags(page)
    form = text(bobs.get(re.search(r'href="([^"]+connection=vco[^"]+)"', page)[1].replace("&amp;", "&")))
    values = main_form(form)
    assert (values["resource_owner"], values["owner_uid"], values["connection"]) == (
        ["different"], [alice.account.uid], [connection.resource_id])  # fmt: skip
    # The steps tell the owner, and another connection can be authorized by one click.
    assert "which has not attached it yet" in text(console.get(connection.get_absolute_url()))
    other = factories.make_connection(alice.account, gateway=connection.tunnel.customer_gateway)
    page = text(console.get(f"{other.get_absolute_url()}authorizations/create/"))
    assert f"?peer_uid={bob.account.uid}&amp;peer_cen_id={wanted.cen.resource_id}" in page
