"""Hide what records of API requests may hold of keys, and remove those that strangers may have written."""

import re

from django.db import migrations

HIDDEN = "******"
# Parameters of single plain values, as they were declared when this was written, and the fields of lists.
PLAIN = re.compile(
    r"""AcceptLanguage|All|Asn|AttachType|AutoConfigRoute|AutoPublishRouteEnabled|CenId|CenOwnerId|ChargeType|
    ChildInstanceId|ChildInstanceOwnerId|ClientToken|CustomerGatewayId|Description|DryRun|EffectImmediately|EnableDpd|
    EnableNatTraversal|Force|InstanceId|InstanceType|IpAddress|LocalSubnet|MaxResults|Name|NetworkType|
    NewResourceGroupId|NewWeight|NextHop|NextToken|OrderType|OverlayMode|PageNumber|PageSize|ProductType|RegionId|
    RemoteSubnet|ResourceGroupId|ResourceId(\.\d+)?|ResourceType|RouteDest|RouteEntryType|Spec|Status|
    TagKey\.\d+|Tags?\.\d+\.(Key|Value)|TransitRouter(Name|Description|Id)|
    TransitRouterAttachment(Name|Description|Id)|TransitRouterCidrList\.\d+\.Cidr|
    TransitRouterRouteEntry(Name|Description|Id|DestinationCidrBlock|NextHopId|NextHopType|Status|Type)|
    TransitRouterRouteTable(Id|Status|Type)|TunnelBandwidth|Type|VpnConnectionId|VpnGatewayId|VpnId|VpnOwnerId|Weight|
    Zone\.\d+\.ZoneId""",
    re.ASCII | re.VERBOSE,
)
OBJECTS = re.compile("IkeConfig|IpsecConfig|BgpConfig|HealthCheckConfig|TunnelOptionsSpecification|AuthKey|RemoteCaCert")
STRUCTURE = re.compile(r"[{}\[\]\"\\%]")
OPERATION = re.compile(r"[A-Z][A-Za-z]{2,63}", re.ASCII)
VERSION = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
# Refusals of requests that did not prove to come from the key's owner.
UNPROVEN = (
    "SignatureDoesNotMatch", "SignatureNonceUsed", "InvalidTimeStamp.Expired", "InvalidAccessKeyId.Inactive",
    "InvalidSecurityToken.MismatchWithAccessKey",
)  # fmt: skip


def judged(parameters):
    kept = {}
    for name, value in parameters.items():
        if PLAIN.fullmatch(name):
            kept[name] = HIDDEN if STRUCTURE.search(str(value)) else value
        else:
            root = name.partition(".")[0]
            kept[root if OBJECTS.fullmatch(root) else HIDDEN] = HIDDEN
    return kept


def clean(apps, schema_editor):
    """Judge each record as new ones are judged. Messages go: they may quote what was sent."""
    if schema_editor.connection.vendor == "sqlite":
        # What is replaced is overwritten in the file as well.
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")
    calls = apps.get_model("connections", "ApiCall").objects.using(schema_editor.connection.alias)
    calls.filter(code__in=UNPROVEN).delete()
    for call in calls.only("operation", "version", "parameters").iterator(chunk_size=500):
        calls.filter(pk=call.pk).update(
            operation=call.operation if OPERATION.fullmatch(call.operation) else "",
            version=call.version if VERSION.fullmatch(call.version) else "",
            parameters=judged(call.parameters),
            message="",
        )


class Migration(migrations.Migration):
    dependencies = [("connections", "0018_answers_of_their_users")]
    operations = [migrations.RunPython(clean, migrations.RunPython.noop)]
