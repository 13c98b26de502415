"""The baselines: the least that Django, its admin and crispy do for the same content."""

from functools import cache
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.contrib import admin
from django.db.models import Prefetch
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render

from connections import ids
from connections.console.autocomplete import MAX_OPTIONS
from connections.domain import sections
from connections.domain.choices import AssociateResource, RoutingMode
from connections.domain.regions import REGIONS
from connections.models import (
    Account,
    Attachment,
    Cen,
    Connection,
    CustomerGateway,
    Event,
    ResourceGroup,
    Tag,
    TransitRouter,
    Tunnel,
)

REGION = "eu-central-1"


def hello(request):
    """The smallest view behind the project's middleware."""
    return HttpResponse("hello")


def same_bytes(request):
    """A ready-made page of `size` bytes."""
    return HttpResponse(_bytes(int(request.GET["size"])))


@cache
def _bytes(size: int) -> bytes:
    return b"x" * size


def _rows(request):
    mine = Connection.objects.filter(account=request.user.account, region_id=REGION)
    tunnels = Prefetch("tunnels", Tunnel.objects.select_related("customer_gateway"))
    return mine.select_related("attachment__transit_router__cen").prefetch_related(tunnels, "tags").order_by("-id")[:50]


def plain(request):
    """One query with joins and prefetches, and a plain page with a table of the same columns."""
    return render(request, "bench/plain.html", {"rows": _rows(request)})


def plain_table(request):
    return render(request, "bench/plain_table.html", {"rows": _rows(request)})


def plain_json(request):
    """The same fields as DescribeVpnConnections, without signature, registry and record of the request."""
    mine = Connection.objects.filter(account=request.user.account, region_id=REGION)
    rows = [_described(row) for row in mine.with_parts().order_by("-id")[:50]]
    found = {"VpnConnections": {"VpnConnection": rows}, "PageNumber": 1, "PageSize": 50, "TotalCount": mine.count()}
    return JsonResponse({"RequestId": "00000000-0000-0000-0000-000000000000", **found})


def _described(row) -> dict:
    tunnel, attachment = row.tunnels.all()[0], row.living_attachment
    gateway, router = tunnel.customer_gateway, attachment and attachment.transit_router
    protected = row.routing_mode == RoutingMode.PROTECTED
    return {
        "VpnConnectionId": row.resource_id,
        "Name": row.name,
        "CreateTime": int(row.created_at.timestamp() * 1000),
        "CustomerGatewayId": gateway.resource_id,
        "VpnGatewayId": "vpn-not-exist",
        "AttachType": "CEN" if attachment else "NO_ASSOCIATED",
        "AttachInstanceId": router.cen.resource_id if router else "",
        "NetworkType": row.network_type,
        "LocalSubnet": ",".join(row.local_subnet) if protected else "0.0.0.0/0",
        "RemoteSubnet": ",".join(row.remote_subnet) if protected else "0.0.0.0/0",
        "EffectImmediately": row.effect_immediately,
        "EnableDpd": tunnel.enable_dpd,
        "EnableNatTraversal": tunnel.enable_nat_traversal,
        "EnableTunnelsBgp": False,
        "Spec": "1000M",
        "Status": tunnel.status.documented.value,
        "ResourceGroupId": row.resource_group.resource_id,
        "IkeConfig": {
            "IkeVersion": tunnel.ike_version,
            "IkeMode": tunnel.ike_mode,
            "IkeEncAlg": tunnel.ike_enc_alg,
            "IkeAuthAlg": tunnel.ike_auth_alg,
            "IkePfs": tunnel.ike_pfs,
            "IkeLifetime": tunnel.ike_lifetime,
            "LocalId": tunnel.local_id or tunnel.internet_ip,
            "RemoteId": tunnel.remote_id or gateway.ip_address,
            "Psk": tunnel.psk,
        },
        "IpsecConfig": {
            "IpsecEncAlg": tunnel.ipsec_enc_alg,
            "IpsecAuthAlg": tunnel.ipsec_auth_alg,
            "IpsecPfs": tunnel.ipsec_pfs,
            "IpsecLifetime": tunnel.ipsec_lifetime,
        },
        "State": row.state.value,
        "InternetIp": tunnel.internet_ip,
        "TransitRouterId": router.resource_id if router else "",
        "TransitRouterName": router.name if router else "",
        "CrossAccountAuthorized": attachment is not None and attachment.account_id != row.account_id,
        "TunnelBandwidth": row.tunnel_bandwidth,
        "RemoteCaCertificate": "",
        "VpnBgpConfig": {
            "EnableBgp": "true",
            "LocalAsn": row.local_asn,
            "TunnelCidr": tunnel.tunnel_cidr,
            "LocalBgpIp": tunnel.local_bgp_ip,
            "PeerAsn": gateway.asn,
            "PeerBgpIp": tunnel.peer_bgp_ip,
            "Status": "success" if tunnel.is_up else "failed",
            "AuthKey": gateway.auth_key,
        }
        if row.enable_bgp
        else {"EnableBgp": "false", "LocalAsn": row.local_asn, "Status": "false", "AuthKey": ""},
        "VcoHealthCheck": {
            "Enable": "false",
            "Dip": row.health_check_dip,
            "Sip": row.health_check_sip,
            "Interval": row.health_check_interval,
            "Retry": row.health_check_retry,
            "Policy": row.health_check_policy,
        },
        "TunnelOptionsSpecification": {"TunnelOptions": []},
        "Tag": {"Tag": [{"Key": tag.key, "Value": tag.value} for tag in row.tags.all()]},
    }


class _Connection(forms.ModelForm):
    class Meta:
        model = Connection
        fields = sections.CONNECTION_FIELDS
        widgets = dict.fromkeys(("network_type", "routing_mode", "effect_immediately"), forms.RadioSelect)


class _Tunnel(forms.ModelForm):
    class Meta:
        model = Tunnel
        fields = sections.TUNNEL_FIELDS


class _Attachment(forms.ModelForm):
    associate_resource = forms.ChoiceField(choices=AssociateResource, widget=forms.RadioSelect)
    resource_group = forms.ModelChoiceField(ResourceGroup.objects.none())
    cen = forms.ModelChoiceField(Cen.objects.none())

    class Meta:
        model = Attachment
        fields = sections.ATTACHMENT_FIELDS


class _Tags(forms.Form):
    tag_key = forms.CharField()
    tag_value = forms.CharField()


def _gateways(account):
    """As many as the page offers at first."""
    return CustomerGateway.objects.filter(account=account, region_id=REGION).order_by("-id")[:MAX_OPTIONS]


def _forms(account) -> list[Any]:
    """Forms with the fields of the create page and their first options. Crispy adds attributes to them."""
    parts: list[Any] = [_Connection(), _Tunnel(prefix="tunnel1"), _Attachment(), _Tags()]
    parts[1].fields["customer_gateway"].queryset = _gateways(account)
    parts[2].fields["resource_group"].queryset = account.resource_groups.all()
    parts[2].fields["transit_router"].queryset = TransitRouter.objects.none()
    parts[2].fields["zone"].choices = [(zone.id, zone.label) for zone in REGIONS[REGION].zones]
    return parts


def crispy_form(request):
    """The same fields rendered by plain crispy, in fieldsets."""
    parts = _forms(request.user.account)
    for part in parts:
        part.helper = FormHelper()
        part.helper.form_tag = False
        part.helper.layout = Layout(Fieldset("Section", *part.fields))
    return render(request, "bench/crispy.html", {"forms": parts})


def django_form(request):
    return render(request, "bench/django.html", {"forms": _forms(request.user.account)})


def form_by_hand(request):
    """The same controls, written into a template."""
    gateways = [(gateway.resource_id, str(gateway)) for gateway in _gateways(request.user.account)]
    return render(request, "bench/by_hand.html", {"values": [*_controls(), ("gateway", "Customer Gateway", gateways)]})


@cache
def _controls() -> list[tuple[str, str, list]]:
    found = []
    for one in _forms(Account.objects.order_by("id")[0]):
        for name in one.fields:
            field = one[name]
            options = getattr(field.field, "choices", ())
            if name != "customer_gateway":
                found.append((field.html_name, str(field.label), [(str(key), str(text)) for key, text in options]))
    return found


def bare_transaction(account: Account, gateway, number: int) -> None:
    """Five rows in one transaction by the ORM: the least that a new connection needs."""
    from django.db import transaction

    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)
        connection = Connection(account=account, region_id=REGION, name=f"bare-{number}")
        connection.resource_group = account.default_resource_group
        connection.save()
        Tunnel(connection=connection, account=account, region_id=REGION, customer_gateway=gateway, psk="k").save()
        Tag(account=account, connection=connection, key="env", value="bench").save()
        Event(account=account, request_id=ids.request_id(), actor="bench", operation="Create", outcome="success").save()


def bulk_gateways(account: Account, count: int) -> None:
    """Customer gateways with a tag and an event each, inserted in bulk in one transaction, without validation."""
    from django.db import transaction

    group = account.default_resource_group
    gateways = [
        CustomerGateway(
            resource_id=ids.resource_id("cgw", REGION), account=account, region_id=REGION, ip_address="203.0.113.7",
            resource_group=group,
        )
        for _ in range(count)
    ]  # fmt: skip
    events = [
        Event(account=account, request_id=ids.request_id(), actor="bench", operation="Create", outcome="success",
              resource_id=gateway.resource_id)
        for gateway in gateways
    ]  # fmt: skip
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)
        CustomerGateway.objects.bulk_create(gateways)
        Tag.objects.bulk_create(Tag(account=account, customer_gateway=one, key="site", value="x") for one in gateways)
        Event.objects.bulk_create(events)


@admin.register(Connection)
class ConnectionAdmin(admin.ModelAdmin):
    """The admin's list of the same table."""

    list_display = ("resource_id", "name", "region_id", "routing_mode", "transition", "created_at")
    list_filter = ("region_id", "routing_mode")
    search_fields = ("resource_id", "name")
    list_per_page = 50
    show_full_result_count = True
