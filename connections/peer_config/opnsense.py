"""OPNsense: a file for its strongSwan, and steps in the web form for all around the tunnel.

The form offers no more than usual algorithms, while the daemon also reads files in swanctl/conf.d. A tunnel interface
belongs to the SA with its reqid, and its policies are not the daemon's.
"""

from collections.abc import Iterator

from connections.messages import message as _
from connections.peer_config import freebsd, swanctl
from connections.peer_config.dialect import (
    OUTER_ADDRESS,
    OUTSIDE,
    STEPS,
    TUNNEL_MSS,
    TUNNEL_MTU,
    Dialect,
    Note,
    first_packet_notes,
)
from connections.peer_config.document import Document
from connections.peer_config.steps import Step, listed, numbered

FOLDER = "/usr/local/etc/swanctl/conf.d"
ENCRYPTION = swanctl.ENCRYPTION | freebsd.NO_ENCRYPTION
AUTHENTICATION = swanctl.AUTHENTICATION | freebsd.NO_AUTHENTICATION


def file_name(document: Document) -> str:
    return f"{document.key}.opnsense.conf"


def device(document: Document) -> str:
    return f"ipsec{document.number}"


def head(document: Document) -> Iterator[str]:
    yield f"# {document.label}: OPNsense on the data center's side, for {FOLDER}"
    if document.is_aggressive:
        yield "# If this side is to answer in aggressive mode, strongswan.conf must say so, in its section charon:"
        yield "#   i_dont_care_about_security_and_use_aggressive_mode_psk = yes"


def interface(document: Document) -> Iterator[Step]:
    ours, theirs = freebsd.tunnel_addresses(document)
    yield Step(
        "VPN, IPsec, Virtual Tunnel Interfaces: Add",
        {
            "Reqid": document.number,
            "Local address": OUTER_ADDRESS,
            "Remote address": document.remote_ip,
            "Tunnel local address": ours,
            "Tunnel remote address": theirs,
            "Name": document.key,
        },
    )
    yield Step(
        f"Interfaces, Assignments: Add {device(document)}; then the page of the new interface",
        {"Enable": "yes", "MTU": TUNNEL_MTU},
    )
    yield Step(
        "System, Gateways, Configuration: Add",
        {"Name": f"{device(document).upper()}_GW", "Interface": "the new one", "IP Address": theirs},
    )
    if networks := freebsd.routed(document):
        yield Step(
            "System, Routes, Configuration: Add, for each network",
            {"Network Address": networks, "Gateway": f"{device(document).upper()}_GW"},
        )


def bgp(document: Document) -> Iterator[Step]:
    session, name = document.session, document.key
    yield Step("System, Firmware, Plugins: install os-frr; then Routing, General", {"Enable": "yes"})
    for policy, number, action, network, longest in freebsd.prefix_lists(document):
        entry = f"{network} le {longest}" if longest else network
        fields = {"Name": policy, "Number": number, "Action": action.capitalize(), "Network": entry}
        yield Step("Routing, BGP, Prefix Lists: Add", fields)
    yield Step(
        "Routing, BGP, General, with advanced mode",
        {
            "Enable": "yes",
            "BGP AS Number": session.local_asn,
            "Router ID": session.router_id,
            **({"Network": listed(document.announced)} if document.announced else {}),
            "Network Import-Check": "off",
        },
    )
    key = {"BGP MD5 Password": session.key, "Local Initiater IP": session.local_ip} if session.key else {}
    yield Step(
        "Routing, BGP, Neighbors: Add, with advanced mode",
        {
            "Peer-IP": session.peer_ip,
            "Remote AS": session.peer_asn,
            **key,
            "Update-Source Interface": "the new one",
            "Prefix-List In": f"{name}-in",
            "Prefix-List Out": f"{name}-out",
        },
    )


def by_hand(document: Document) -> Iterator[Step]:
    if document.is_route_based:
        yield from interface(document)
    yield Step(
        f"By SSH or on the console: put {file_name(document)} into {FOLDER}, readable by root alone (mode 0600).", {}
    )
    yield Step("VPN, IPsec, Connections: Enable IPsec, then Apply. Later changes of the file need Apply as well.", {})
    yield Step(
        "Firewall, Rules, the tab of the outer interface: Add, for IKE and for ESP",
        {
            "Action": "Pass",
            "Source": document.remote_ip,
            "Destination": "This Firewall",
            "Protocol and port": "UDP 500, UDP 4500, ESP",
            "Interface": OUTSIDE,
        },
    )
    yield from freebsd.rules(document, "IPsec")
    yield Step(
        "Firewall, Settings, Normalization: Add",
        {
            "Interface": "the new one" if document.is_route_based else "IPsec",
            "Protocol": "TCP",
            "Max mss": TUNNEL_MSS,
        },
    )
    if document.bgp is not None:
        yield from bgp(document)
    yield Step("Save each page, and Apply Changes wherever the device offers it.", {})


def render(document: Document) -> dict[str, str]:
    lines = [
        f"OPNsense on the data center's side, step by step in its web form: {document.label}",
        *numbered(by_hand(document)),
    ]
    settings = ["policies = no", f"reqid = {document.number}"]
    return {
        file_name(document): swanctl.configuration(document, head(document), settings),
        f"{document.key}.opnsense{STEPS}": "\n".join(lines) + "\n",
    }


def limits(document: Document) -> Iterator[Note]:
    yield from freebsd.limits(document, only_in_table=False)
    yield from first_packet_notes(document)
    yield Note(
        "not_in_form",
        _(
            "OPNsense does not show this connection in its form. It filters traffic in tunnels as IPsec only while at "
            "least one connection of the form is enabled."
        ),
    )
    if document.bgp is not None:
        yield Note("no_prefix_limit", _("This device has no limit for the number of routes that the cloud announces."))


DIALECT = Dialect(
    key="opnsense",
    title="OPNsense",
    keywords={
        "ike.version": swanctl.VERSION,
        "ike.mode": swanctl.MODE,
        "ike.encryption": ENCRYPTION,
        "ike.authentication": AUTHENTICATION,
        "ike.group": swanctl.GROUP,
        "ipsec.encryption": ENCRYPTION,
        "ipsec.authentication": AUTHENTICATION,
        "ipsec.pfs": swanctl.PFS,
    },
    render=render,
    limits=limits,
    lacks_multipath=True,
)
