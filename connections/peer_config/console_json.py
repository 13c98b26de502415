"""The product's own format: what its API answers to DownloadVpnConnectionConfig, seen from the peer [P121]."""

import json

from connections.peer_config.dialect import Dialect, Proof
from connections.peer_config.document import ANYWHERE, Document


def tree(document: Document) -> dict:
    """The document under the names of the API, in the order of its description.

    Health check, DPD and NAT traversal have no place in it. What is said of BGP is in words, as there.
    """
    ike, ipsec = document.ike, document.ipsec
    made = {
        "Local": document.local_ip,
        "Remote": document.remote_ip,
        "LocalSubnet": ",".join(document.local_networks or (ANYWHERE,)),
        "RemoteSubnet": ",".join(document.remote_networks or (ANYWHERE,)),
        "IkeConfig": {
            "LocalId": document.local_id,
            "RemoteId": document.remote_id,
            "Psk": document.psk,
            "IkeVersion": ike.version.value,
            "IkeMode": ike.mode.value,
            "IkeEncAlg": ike.encryption.value,
            "IkeAuthAlg": ike.authentication.value,
            "IkePfs": ike.group.value,
            "IkeLifetime": ike.lifetime,
        },
        "IpsecConfig": {
            "IpsecEncAlg": ipsec.encryption.value,
            "IpsecAuthAlg": ipsec.authentication.value,
            "IpsecPfs": ipsec.pfs.value,
            "IpsecLifetime": ipsec.lifetime,
        },
    }
    if document.bgp is not None:
        made["BgpConfigs"] = {
            "BgpConfig": [
                {
                    "LocalAsn": str(document.bgp.local_asn),
                    "LocalBgpIp": document.bgp.local_ip,
                    "PeerAsn": str(document.bgp.peer_asn),
                    "PeerBgpIp": document.bgp.peer_ip,
                    "TunnelCidr": document.bgp.cidr,
                    "TunnelId": document.tunnel_id,
                }
            ]
        }
    return made


def render(document: Document) -> dict[str, str]:
    return {f"{document.connection_id}.json": json.dumps(tree(document), indent=2) + "\n"}


DIALECT = Dialect(key="json", title="JSON", render=render, is_verbatim=True, proof=Proof.SHAPE)
