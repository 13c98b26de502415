"""VPC: regions and zones, which are the same for every account."""

from django.utils.translation import override

from connections.api.registry import VPC, Call, Choice, Ignored, Text, action
from connections.domain.regions import REGIONS

CHINESE, ENGLISH = "zh-CN", "en-US"
_LANGUAGES = {CHINESE: "zh-hans", ENGLISH: "en"}
SPECS = ("5M", "10M", "20M", "50M", "100M", "200M", "500M", "1000M")


def _language(default: str) -> Choice:
    return Choice("AcceptLanguage", options=(CHINESE, ENGLISH), default=default)


@action(
    VPC,
    Text("ProductType", note="any: every region has VPN connections"),
    _language(CHINESE),
    region=None,
    answer={"Regions": {"Region": [{"RegionId": str, "LocalName": str, "RegionEndpoint": str}]}},
)
def describe_regions(call: Call):
    """The regions. This server is the endpoint of each."""
    with override(_LANGUAGES[call["AcceptLanguage"]]):
        regions = [
            {"RegionId": region.id, "LocalName": str(region.name), "RegionEndpoint": call.host}
            for region in REGIONS.values()
        ]
    return {"Regions": {"Region": regions}}


@action(
    VPC,
    _language(CHINESE),
    Ignored("ZoneType", note="zones of one kind only"),
    answer={"Zones": {"Zone": [{"ZoneId": str, "LocalName": str, "ZoneType": str}]}},
)
def describe_zones(call: Call):
    """The zones of a region."""
    with override(_LANGUAGES[call["AcceptLanguage"]]):
        zones = [
            {"ZoneId": zone.id, "LocalName": str(zone.name), "ZoneType": "AvailabilityZone"}
            for zone in REGIONS[call.region_id].zones
        ]
    return {"Zones": {"Zone": zones}}


@action(
    VPC,
    Choice("Spec", required=True, options=SPECS),
    _language(ENGLISH),
    Ignored("GatewayType"),
    answer={"RegionId": str, "AvailableZoneIdList": [{"ZoneId": str, "ZoneName": str}]},
)
def describe_vpn_gateway_available_zones(call: Call):
    """The zones for connections: all zones of the region, whatever the bandwidth."""
    with override(_LANGUAGES[call["AcceptLanguage"]]):
        zones = [{"ZoneId": zone.id, "ZoneName": str(zone.name)} for zone in REGIONS[call.region_id].zones]
    return {"RegionId": call.region_id, "AvailableZoneIdList": zones}
