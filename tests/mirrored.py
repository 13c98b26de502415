"""A device that agrees with the cloud."""

from connections.negotiation import Announcement, Cloud, Device
from connections.negotiation.sides import DeviceBgp


def mirror(cloud: Cloud, *, announced: tuple[str, ...] = (), **habits) -> Device:
    """The device that has loaded the peer configuration of this moment: it agrees with the cloud in everything.

    `announced` are the prefixes that it announces over BGP; `habits` are fields of Device, for what the peer
    configuration does not contain.
    """
    bgp = None
    if cloud.bgp:
        bgp = DeviceBgp(
            local_asn=cloud.bgp.peer_asn or 0,
            local_ip=cloud.bgp.peer_ip,
            peer_asn=cloud.bgp.local_asn,
            peer_ip=cloud.bgp.local_ip,
            key=cloud.bgp.key,
            announced=tuple(Announcement(prefix) for prefix in announced),
        )
    settings = {
        "address": cloud.customer_gateway_ip,
        "peer_address": cloud.gateway_ip,
        "ike_version": (cloud.ike_version,),
        "ike_mode": cloud.ike_mode,
        "ike_enc_alg": (cloud.ike_enc_alg,),
        "ike_auth_alg": (cloud.ike_auth_alg,),
        "ike_pfs": (cloud.ike_pfs,),
        "ike_lifetime": cloud.ike_lifetime,
        "psk": cloud.psk,
        "local_id": cloud.remote_id,
        "remote_id": cloud.local_id,
        "ipsec_enc_alg": (cloud.ipsec_enc_alg,),
        "ipsec_auth_alg": (cloud.ipsec_auth_alg,),
        "ipsec_pfs": (cloud.ipsec_pfs,),
        "ipsec_lifetime": cloud.ipsec_lifetime,
        "enable_dpd": cloud.enable_dpd,
        "enable_nat_traversal": cloud.enable_nat_traversal,
        "local_subnet": cloud.remote_subnet,
        "remote_subnet": cloud.local_subnet,
        "bgp": bgp,
    }
    return Device(**{**settings, **habits})
