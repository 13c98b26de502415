"""The cloud's side, configured by a separate table from the fields of a connection.

Import nothing from `connections.peer_config` here: a mistake in its tables must not affect both sides.
"""

import ipaddress

IKE_PROPOSAL = {
    "aes": "aes128",
    "aes192": "aes192",
    "aes256": "aes256",
    "des": "des",
    "3des": "3des",
    "sha1": "sha1",
    "md5": "md5",
    "sha256": "sha256",
    "sha384": "sha384",
    "sha512": "sha512",
    "group1": "modp768",
    "group2": "modp1024",
    "group5": "modp1536",
    "group14": "modp2048",
}

# The names by which a daemon reports what it has negotiated.
ENCRYPTION = {
    "aes": ("AES_CBC", "128"),
    "aes192": ("AES_CBC", "192"),
    "aes256": ("AES_CBC", "256"),
    "des": ("DES_CBC", None),
    "3des": ("3DES_CBC", None),
}
INTEGRITY = {
    "md5": "HMAC_MD5_96",
    "sha1": "HMAC_SHA1_96",
    "sha256": "HMAC_SHA2_256_128",
    "sha384": "HMAC_SHA2_384_192",
    "sha512": "HMAC_SHA2_512_256",
}
PRF = {
    "md5": "PRF_HMAC_MD5",
    "sha1": "PRF_HMAC_SHA1",
    "sha256": "PRF_HMAC_SHA2_256",
    "sha384": "PRF_HMAC_SHA2_384",
    "sha512": "PRF_HMAC_SHA2_512",
}
GROUP = {"group1": "MODP_768", "group2": "MODP_1024", "group5": "MODP_1536", "group14": "MODP_2048", "disabled": None}


def selectors(connection) -> tuple[list[str], list[str]]:
    """The cloud's and the data center's networks: all, unless data flows are protected and BGP is off."""
    if connection.routing_mode == "protected" and not connection.enable_bgp:
        return list(connection.local_subnet), list(connection.remote_subnet)
    return ["0.0.0.0/0"], ["0.0.0.0/0"]


def configuration(connection, tunnel=None) -> dict:
    """The argument of `load_conn`. The cloud only responds; a test that needs it to initiate changes that."""
    tunnel = tunnel or connection.tunnel
    cloud, center = selectors(connection)
    ike = [IKE_PROPOSAL[word] for word in (tunnel.ike_enc_alg, tunnel.ike_auth_alg, tunnel.ike_pfs)]
    esp = [IKE_PROPOSAL[tunnel.ipsec_enc_alg], IKE_PROPOSAL[tunnel.ipsec_auth_alg]]
    if tunnel.ipsec_pfs != "disabled":
        esp.append(IKE_PROPOSAL[tunnel.ipsec_pfs])
    return {
        f"cloud{tunnel.index}": {
            "version": {"ikev1": "1", "ikev2": "2"}[tunnel.ike_version],
            "aggressive": "yes" if (tunnel.ike_version, tunnel.ike_mode) == ("ikev1", "aggressive") else "no",
            "local_addrs": [tunnel.internet_ip],
            "remote_addrs": [tunnel.customer_gateway.ip_address],
            "proposals": ["-".join(ike)],
            "rekey_time": f"{tunnel.ike_lifetime}s",
            "mobike": "no",
            "local": {"auth": "psk", "id": tunnel.local_id or tunnel.internet_ip},
            "remote": {"auth": "psk", "id": tunnel.remote_id or tunnel.customer_gateway.ip_address},
            "children": {
                f"cloud{tunnel.index}": {
                    "local_ts": cloud,
                    "remote_ts": center,
                    "esp_proposals": ["-".join(esp)],
                    "life_time": f"{tunnel.ipsec_lifetime}s",
                    "rekey_time": "0s",
                }
            },
        }
    }


def shared_key(connection, tunnel=None) -> dict:
    tunnel = tunnel or connection.tunnel
    return {
        "id": f"cloud{tunnel.index}",
        "type": "IKE",
        "data": tunnel.psk.encode(),
        "owners": [
            tunnel.local_id or tunnel.internet_ip,
            tunnel.remote_id or tunnel.customer_gateway.ip_address,
        ],
    }


def not_loaded(connection, tunnel=None) -> dict[str, object]:
    """Expected values of the document, by path, that no daemon here loads."""
    tunnel = tunnel or connection.tunnel
    return {
        "tunnel_id": tunnel.resource_id,
        "name": connection.name,
        "local_ip": tunnel.customer_gateway.ip_address,
        "destinations": tuple(route.destination for route in connection.routes.all()),
        "cloud_initiates": connection.effect_immediately,
        "nat_traversal": tunnel.enable_nat_traversal,
        **(
            {
                "health_check.source": connection.health_check_sip,
                "health_check.destination": connection.health_check_dip,
            }
            if connection.health_check
            else {"health_check": None}
        ),
        **({"bgp.cidr": tunnel.tunnel_cidr} if connection.enable_bgp else {"bgp": None}),
    }


def device_bgp_ip(tunnel) -> str:
    """The device's address in a tunnel: the other one of the block."""
    hosts = ipaddress.ip_network(tunnel.tunnel_cidr).hosts()
    (other,) = [str(host) for host in hosts if str(host) != tunnel.local_bgp_ip]
    return other


def bird(connection, networks) -> str:
    """A cloud with BGP, and short timers so that a lost session is detected within seconds."""
    return f"""
router id {connection.tunnel.local_bgp_ip};
protocol device {{ scan time 1; }}
protocol kernel {{ scan time 1; merge paths on; ipv4 {{ import none; export where source = RTS_BGP; }}; }}
protocol static nets {{ ipv4; {"".join(f"route {network} unreachable; " for network in networks)} }}
{"".join(session(connection, tunnel) for tunnel in connection.tunnels.all())}
"""


def session(connection, tunnel) -> str:
    key = tunnel.customer_gateway.auth_key
    # With two tunnels, tests wait until one of them is given up.
    hold, keepalive = (3, 1) if connection.tunnels.count() > 1 else (9, 3)
    return f"""
protocol bgp peer{tunnel.index} {{
  local {tunnel.local_bgp_ip} as {connection.local_asn};
  neighbor {device_bgp_ip(tunnel)} as {tunnel.customer_gateway.asn};
  {f'password "{key}";' if key else ""}
  direct; hold time {hold}; keepalive time {keepalive};
  connect delay time 0; connect retry time 1; error wait time 1,2;
  ipv4 {{ import all; export where source = RTS_STATIC; next hop self; }};
}}
"""
