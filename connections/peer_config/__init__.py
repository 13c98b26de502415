"""Configurations for the device at the other end of a tunnel: a neutral document, and one module per dialect."""

from connections.peer_config import (
    aws,
    azure,
    bird,
    checkpoint,
    cisco_asa,
    cisco_ios,
    console_json,
    fortigate,
    frr,
    google,
    h3c,
    hillstone,
    huawei,
    juniper,
    libreswan,
    opnsense,
    paloalto,
    pfsense,
    routeros,
    strongswan,
    swanctl,
    vyos,
)
from connections.peer_config.dialect import Configuration, Dialect, Note, generate, generate_both
from connections.peer_config.document import Document, both_tunnels, from_connection

# In the order in which the console offers them.
OFFERED = (
    console_json,
    swanctl,
    strongswan,
    libreswan,
    frr,
    bird,
    cisco_ios,
    cisco_asa,
    juniper,
    huawei,
    h3c,
    fortigate,
    paloalto,
    vyos,
    pfsense,
    opnsense,
    routeros,
    hillstone,
    checkpoint,
    aws,
    azure,
    google,
)
DIALECTS: dict[str, Dialect] = {module.DIALECT.key: module.DIALECT for module in OFFERED}

__all__ = [
    "DIALECTS",
    "Configuration",
    "Dialect",
    "Document",
    "Note",
    "both_tunnels",
    "from_connection",
    "generate",
    "generate_both",
]
