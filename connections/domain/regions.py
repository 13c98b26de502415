"""Regions and zones, which are not stored in the database [P5]."""

from dataclasses import dataclass

from connections.messages import Message
from connections.messages import message as _


@dataclass(frozen=True, slots=True)
class Zone:
    id: str
    name: Message

    @property
    def label(self) -> Message:
        """The zone's name in a choice."""
        return Message("{name} ({id})", name=self.name, id=self.id)


@dataclass(frozen=True, slots=True)
class Region:
    """A region. `hint`: how IDs of its resources begin."""

    id: str
    name: Message
    hint: str
    letters: str

    @property
    def zones(self) -> tuple[Zone, ...]:
        """Zones in which Enterprise Edition transit routers run."""
        joint = "-" if self.id.startswith("cn-") else ""
        return tuple(
            Zone(f"{self.id}{joint}{letter}", _("Zone {letter}", letter=letter.upper())) for letter in self.letters
        )


REGIONS: dict[str, Region] = {
    region.id: region
    for region in (
        Region("cn-hangzhou", _("China (Hangzhou)"), "bp1", "bhijk"),
        Region("cn-shanghai", _("China (Shanghai)"), "uf6", "befglmn"),
        Region("cn-nanjing", _("China (Nanjing - Local Region)"), "gc7", "a"),
        Region("cn-fuzhou", _("China (Fuzhou - Local Region)"), "gw0", "a"),
        Region("cn-shenzhen", _("China (Shenzhen)"), "wz9", "acdef"),
        Region("cn-heyuan", _("China (Heyuan)"), "f8z", "ab"),
        Region("cn-guangzhou", _("China (Guangzhou)"), "7xv", "ab"),
        Region("cn-qingdao", _("China (Qingdao)"), "m5e", "bc"),
        Region("cn-beijing", _("China (Beijing)"), "2ze", "cfghijkl"),
        Region("cn-zhangjiakou", _("China (Zhangjiakou)"), "8vb", "abc"),
        Region("cn-huhehaote", _("China (Hohhot)"), "hp3", "ab"),
        Region("cn-wulanchabu", _("China (Ulanqab)"), "0jl", "abc"),
        Region("cn-chengdu", _("China (Chengdu)"), "2vc", "ab"),
        Region("cn-hongkong", _("China (Hong Kong)"), "j6c", "bcd"),
        Region("ap-southeast-1", _("Singapore"), "t4n", "abc"),
        Region("ap-southeast-3", _("Malaysia (Kuala Lumpur)"), "8ps", "abc"),
        Region("ap-southeast-5", _("Indonesia (Jakarta)"), "k1a", "abc"),
        Region("ap-southeast-6", _("Philippines (Manila)"), "5ts", "ab"),
        Region("ap-southeast-7", _("Thailand (Bangkok)"), "0jo", "ab"),
        Region("ap-northeast-1", _("Japan (Tokyo)"), "6we", "abce"),
        Region("ap-northeast-2", _("South Korea (Seoul)"), "mj7", "ab"),
        Region("eu-central-1", _("Germany (Frankfurt)"), "gw8", "abc"),
        Region("eu-west-1", _("UK (London)"), "d7o", "ab"),
        Region("us-east-1", _("US (Virginia)"), "0xi", "ab"),
        Region("us-west-1", _("US (Silicon Valley)"), "rj9", "ab"),
        Region("us-southeast-1", _("US (Atlanta)"), "5el", "ab"),
        Region("na-south-1", _("Mexico"), "4hf", "a"),
        Region("me-east-1", _("UAE (Dubai)"), "eb3", "ab"),
        Region("me-central-1", _("SAU (Riyadh - Partner Region)"), "l4v", "ab"),
    )
}

ZONES: dict[str, Zone] = {zone.id: zone for region in REGIONS.values() for zone in region.zones}

# What stands in place of a region where a list shows all of them.
ALL_REGIONS = Region("all", _("All regions"), "", "")


def regions_of(region_id: str) -> tuple[str, ...]:
    """The IDs of the regions of a list: one, or all."""
    return tuple(REGIONS) if region_id == ALL_REGIONS.id else (region_id,)


REGION_CHOICES = [(region.id, region.name) for region in REGIONS.values()]
