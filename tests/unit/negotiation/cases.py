"""Sides that agree, and situations with one thing changed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from connections.domain.choices import (
    AuthenticationAlgorithm,
    DhGroup,
    EncryptionAlgorithm,
    IkeMode,
    IkeVersion,
    PfsGroup,
)
from connections.domain.limits import LIFETIME_MAX
from connections.negotiation import (
    Bgp,
    Cloud,
    Course,
    End,
    HealthCheck,
    Outage,
    Outcome,
    Situation,
    Start,
    Surroundings,
    Traffic,
    Turns,
    outcome,
)
from tests.mirrored import mirror

CHANGED = datetime(2026, 11, 29, 10, 15, 2, tzinfo=UTC)
KEY = "k3y-Autumn-Harbour"
BGP_KEY = "k3y-Border"
SESSION = Bgp(local_asn=64800, local_ip="169.254.11.1", peer_asn=65010, peer_ip="169.254.11.2", key=BGP_KEY)
CHECK = HealthCheck("10.10.0.10", "192.168.50.1")

SETTINGS = {
    "gateway_ip": "198.18.0.7",
    "customer_gateway_ip": "203.0.113.20",
    "ike_version": "ikev2",
    "ike_mode": "main",
    "ike_enc_alg": "aes",
    "ike_auth_alg": "sha1",
    "ike_pfs": "group2",
    "ike_lifetime": 86400,
    "psk": KEY,
    "local_id": "198.18.0.7",
    "remote_id": "203.0.113.20",
    "ipsec_enc_alg": "aes",
    "ipsec_auth_alg": "sha1",
    "ipsec_pfs": "group2",
    "ipsec_lifetime": 86400,
}
MAIN = {"ike_version": "ikev1"}
AGGRESSIVE = {"ike_version": "ikev1", "ike_mode": "aggressive"}
PROTECTED = {"local_subnet": ("10.10.0.0/16",), "remote_subnet": ("192.168.50.0/24",)}
MODES = {"main": MAIN, "aggressive": AGGRESSIVE, "ikev2": {}}


def make_cloud(**changed) -> Cloud:
    return Cloud(**{**SETTINGS, **changed})


def make_situation(cloud=None, around=None, device=True, announced=(), **habits) -> Situation:
    """A cloud side, and a device that mirrors it but for its habits. The device starts unless it is said otherwise."""
    cloud = cloud or make_cloud()
    mirrored = mirror(cloud, announced=announced, **habits) if device else None
    return Situation("tun-1", CHANGED, cloud, mirrored, around or Surroundings())


def cloud_starts(situation: Situation) -> Situation:
    """The same, but only the cloud starts."""
    device = situation.device and replace(situation.device, starts=Start.NEVER)
    return replace(situation, cloud=replace(situation.cloud, effect_immediately=True), device=device)


def device_starts(situation: Situation) -> Situation:
    """The same, but only the device starts."""
    return replace(situation, cloud=replace(situation.cloud, effect_immediately=False))


def at(seconds: float) -> datetime:
    return CHANGED + timedelta(seconds=seconds)


def after(situation: Situation, seconds: float) -> Outcome:
    """The outcome so many seconds after the change."""
    return outcome(Course(situation), at(seconds))


# What the form allows.
identities = st.sampled_from(["198.18.0.7", "203.0.113.20", "10.0.0.1", "hq.example", "vpn", "ops@hq.example"])
networks = st.sampled_from(["10.0.0.0/8", "10.10.0.0/16", "192.168.50.0/24", "0.0.0.0/0", "172.16.1.0/28"])
lifetimes = st.sampled_from([0, 1, 10, 119, 3600, LIFETIME_MAX])


@st.composite
def clouds(draw, **changed):
    """A cloud side that the form allows."""
    version = draw(st.sampled_from(IkeVersion.values))
    several = 1 if version == IkeVersion.IKEV1 else 3
    lists = st.lists(networks, min_size=1, max_size=several, unique=True).map(tuple)
    drawn = {
        "ike_version": version,
        "ike_mode": draw(st.sampled_from(IkeMode.values)),
        "ike_enc_alg": draw(st.sampled_from(EncryptionAlgorithm.values)),
        "ike_auth_alg": draw(st.sampled_from(AuthenticationAlgorithm.values)),
        "ike_pfs": draw(st.sampled_from(DhGroup.values)),
        "ike_lifetime": draw(lifetimes),
        "local_id": draw(identities),
        "remote_id": draw(identities),
        "ipsec_enc_alg": draw(st.sampled_from(EncryptionAlgorithm.values)),
        "ipsec_auth_alg": draw(st.sampled_from(AuthenticationAlgorithm.values)),
        "ipsec_pfs": draw(st.sampled_from(PfsGroup.values)),
        "ipsec_lifetime": draw(lifetimes),
        "enable_dpd": draw(st.booleans()),
        "enable_nat_traversal": draw(st.booleans()),
        "local_subnet": draw(lists),
        "remote_subnet": draw(lists),
        "effect_immediately": draw(st.booleans()),
    }
    return make_cloud(**{**drawn, **changed})


# One thing wrong with a device, or nothing.
HABITS = (
    {},
    {"psk": "k3y-Other"},
    {"psk": ""},
    {"udp_500_open": False},
    {"udp_4500_open": False, "is_behind_nat": True},
    {"is_behind_nat": True, "enable_nat_traversal": False},
    {"address": "203.0.113.77"},
    {"peer_address": "198.18.0.8"},
    {"ike_version": ("ikev1",)},
    {"ike_pfs": ("group5",)},
    {"ike_enc_alg": ("aes", "aes192", "aes256", "des", "3des")},
    {"local_id": "192.168.1.2"},
    {"remote_id": "192.168.1.2"},
    {"local_subnet": ("192.168.0.0/16",)},
    {"ipsec_pfs": ("disabled",)},
    {"ipsec_enc_alg": ("des",)},
    {"has_odd_dpd": True},
    {"ipsec_lifetime": 40, "rekeys": False},
    {"ipsec_kilobytes": 100},
    {"starts": Start.TRAFFIC},
    {"starts": Start.NEVER},
    {"probe_host_answers": False},
    {"has_source_nat": True},
    {"sa_per_pair": True},
)
seconds = st.integers(0, 400)


def spans(kind):
    """Intervals that begin at some second, with or without an end."""
    return st.builds(
        lambda start, length: kind(at(start), None if length is None else at(start + length)),
        seconds,
        st.one_of(st.none(), st.integers(0, 200)),
    )


@st.composite
def situations(draw):
    """All sorts of tunnels, with outages, traffic, BGP and a health check."""
    check = HealthCheck("10.10.0.10", "192.168.50.1", draw(st.integers(1, 4)), draw(st.integers(1, 4)))
    cloud = draw(clouds(bgp=draw(st.sampled_from([None, SESSION])), health_check=draw(st.sampled_from([None, check]))))
    cloud = draw(st.sampled_from([make_cloud(bgp=cloud.bgp, health_check=cloud.health_check), cloud]))
    sender = draw(st.sampled_from(End))
    traffic = spans(lambda since, until: Traffic(sender, since, until, 800_000))
    around = Surroundings(
        traffic=tuple(draw(st.lists(traffic, max_size=2))),
        outages=tuple(draw(st.lists(spans(Outage), max_size=2))),
        deletes=tuple(at(second) for second in draw(st.lists(seconds, max_size=2))),
        loss=draw(st.sampled_from([0, 10, 95])),
        turns=draw(st.sampled_from([None, None, Turns(0, 2, at(0)), Turns(1, 2, at(17))])),
    )
    habits = draw(st.sampled_from(HABITS))
    return make_situation(cloud, around, device=draw(st.integers(0, 9)) > 0, announced=("192.168.50.0/24",), **habits)
