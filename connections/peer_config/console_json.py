"""The product's own format: what its API answers to DownloadVpnConnectionConfig, seen from the peer [P121]."""

import json
from collections.abc import Sequence
from typing import Any

from connections.peer_config import dialect
from connections.peer_config.dialect import Dialect, Proof
from connections.peer_config.document import ANYWHERE, Document
from connections.wire import groups
from connections.wire.groups import Group


def tree(document: Document) -> dict[str, Any]:
    """The document under the API's names, in the order of the API's description.

    Health check, DPD and NAT traversal have no place in it [P122]. The numbers of BGP are text.
    """
    made: dict[str, Any] = {
        "Local": document.local_ip,
        "Remote": document.remote_ip,
        "LocalSubnet": ",".join(document.local_networks or (ANYWHERE,)),
        "RemoteSubnet": ",".join(document.remote_networks or (ANYWHERE,)),
        **_encryption(document),
    }
    if document.bgp is not None:
        made["BgpConfigs"] = {groups.BGP.name: [_session(document)]}
    return made


def tree_of_both(documents: Sequence[Document]) -> dict[str, Any]:
    """One document for two tunnels: at the top what they share and the first tunnel, then each tunnel."""
    made = tree(documents[0])
    made["TunnelsConfig"] = {
        "TunnelConfig": [
            {"TunnelId": one.tunnel_id, "Local": one.local_ip, "Remote": one.remote_ip, **_encryption(one)}
            for one in documents
        ]
    }
    if documents[0].bgp is not None:
        made["BgpConfigs"] = {groups.BGP.name: [_session(one) for one in documents]}
    return made


def _encryption(document: Document) -> dict[str, Any]:
    ike, ipsec = document.ike, document.ipsec
    return {
        groups.IKE.name: _named(
            groups.IKE,
            local_id=document.local_id,
            remote_id=document.remote_id,
            psk=document.psk,
            ike_version=ike.version.value,
            ike_mode=ike.mode.value,
            ike_enc_alg=ike.encryption.value,
            ike_auth_alg=ike.authentication.value,
            ike_pfs=ike.group.value,
            ike_lifetime=ike.lifetime,
        ),
        groups.IPSEC.name: _named(
            groups.IPSEC,
            ipsec_enc_alg=ipsec.encryption.value,
            ipsec_auth_alg=ipsec.authentication.value,
            ipsec_pfs=ipsec.pfs.value,
            ipsec_lifetime=ipsec.lifetime,
        ),
    }


def _session(document: Document) -> dict[str, Any]:
    bgp = document.session
    return {
        **_named(groups.BGP, local_asn=str(bgp.local_asn), local_bgp_ip=bgp.local_ip),
        "PeerAsn": str(bgp.peer_asn),
        "PeerBgpIp": bgp.peer_ip,
        **_named(groups.BGP, tunnel_cidr=bgp.cidr),
        "TunnelId": document.tunnel_id,
    }


def _named(group: Group, **values: str | int) -> dict[str, str | int]:
    """Values under the keys of one of the API's objects, in the order in which they are given."""
    return {group.keys[field]: value for field, value in values.items()}


def render(document: Document) -> dict[str, str]:
    return {f"{document.key}.json": json.dumps(tree(document), indent=2) + "\n"}


def render_both(documents: Sequence[Document]) -> dict[str, str]:
    return {f"{documents[0].connection_id}.json": json.dumps(tree_of_both(documents), indent=2) + "\n"}


DIALECT = Dialect(
    key="json",
    title="JSON",
    render=render,
    render_both=render_both,
    is_verbatim=True,
    comment="",
    proof=Proof.SHAPE,
    group=dialect.Group.GENERAL,
)
