"""The regions and zones that exist: static facts, not rows (vpn-facts 1.7)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Zone:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Region:
    """`hint` is what IDs made in the region start with."""

    id: str
    name: str
    hint: str
    letters: str

    @property
    def zones(self) -> tuple[Zone, ...]:
        """Zones in which Enterprise Edition transit routers run."""
        joint = "-" if self.id.startswith("cn-") else ""
        return tuple(Zone(f"{self.id}{joint}{letter}", f"Zone {letter.upper()}") for letter in self.letters)


REGIONS: dict[str, Region] = {
    region.id: region
    for region in (
        Region("cn-hangzhou", "China (Hangzhou)", "bp1", "bhijk"),
        Region("cn-shanghai", "China (Shanghai)", "uf6", "befglmn"),
        Region("cn-nanjing", "China (Nanjing - Local Region)", "gc7", "a"),
        Region("cn-fuzhou", "China (Fuzhou - Local Region)", "gw0", "a"),
        Region("cn-shenzhen", "China (Shenzhen)", "wz9", "acdef"),
        Region("cn-heyuan", "China (Heyuan)", "f8z", "ab"),
        Region("cn-guangzhou", "China (Guangzhou)", "7xv", "ab"),
        Region("cn-qingdao", "China (Qingdao)", "m5e", "bc"),
        Region("cn-beijing", "China (Beijing)", "2ze", "cfghijkl"),
        Region("cn-zhangjiakou", "China (Zhangjiakou)", "8vb", "abc"),
        Region("cn-huhehaote", "China (Hohhot)", "hp3", "ab"),
        Region("cn-wulanchabu", "China (Ulanqab)", "0jl", "abc"),
        Region("cn-chengdu", "China (Chengdu)", "2vc", "ab"),
        Region("cn-hongkong", "China (Hong Kong)", "j6c", "bcd"),
        Region("ap-southeast-1", "Singapore", "t4n", "abc"),
        Region("ap-southeast-3", "Malaysia (Kuala Lumpur)", "8ps", "abc"),
        Region("ap-southeast-5", "Indonesia (Jakarta)", "k1a", "abc"),
        Region("ap-southeast-6", "Philippines (Manila)", "5ts", "ab"),
        Region("ap-southeast-7", "Thailand (Bangkok)", "0jo", "ab"),
        Region("ap-northeast-1", "Japan (Tokyo)", "6we", "abce"),
        Region("ap-northeast-2", "South Korea (Seoul)", "mj7", "ab"),
        Region("eu-central-1", "Germany (Frankfurt)", "gw8", "abc"),
        Region("eu-west-1", "UK (London)", "d7o", "ab"),
        Region("us-east-1", "US (Virginia)", "0xi", "ab"),
        Region("us-west-1", "US (Silicon Valley)", "rj9", "ab"),
        Region("us-southeast-1", "US (Atlanta)", "5el", "ab"),
        Region("na-south-1", "Mexico", "4hf", "a"),
        Region("me-east-1", "UAE (Dubai)", "eb3", "ab"),
        Region("me-central-1", "SAU (Riyadh - Partner Region)", "l4v", "ab"),
    )
}

ZONES: dict[str, Zone] = {zone.id: zone for region in REGIONS.values() for zone in region.zones}

REGION_CHOICES = [(region.id, region.name) for region in REGIONS.values()]
