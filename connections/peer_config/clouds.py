"""What the dialects of other clouds share: a Terraform file, the same as steps in the cloud's console, and notes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Network
from typing import TypeAlias

from connections.domain import parsing
from connections.domain.choices import IkeMode
from connections.hcl import aligned, block, quoted
from connections.messages import message as _
from connections.peer_config.dialect import STEPS, Note
from connections.peer_config.document import Document
from connections.peer_config.steps import Step, listed, numbered

# No cloud offers aggressive mode, and none has a field for main mode.
MODE = {IkeMode.MAIN: "", IkeMode.AGGRESSIVE: None}

# Ranges of AS numbers that RFC 6996 keeps for private use.
PRIVATE_ASNS = ((64512, 65534), (4200000000, 4294967294))

LABEL = "alibaba"
NETWORKS = "alibaba_networks"
KEY = "pre_shared_key"
BGP_KEY = "bgp_key"


# --- Terraform ---------------------------------------------------------------------------------------------------


class Expression(str):
    """Terraform code that is written as it is, such as a reference."""

    __slots__ = ()


Value: TypeAlias = "str | int | Sequence[Value] | Mapping[str, Value] | None"


def literal(value: Value) -> str:
    """A value as Terraform code."""
    if value is None:
        return "null"
    if isinstance(value, Expression):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return quoted(value)
    return f"[{', '.join(literal(item) for item in value)}]"


def body(values: Mapping[str, Value]) -> list[str]:
    """Arguments, and below them nested blocks: the values that are mappings."""
    lines = aligned((name, literal(value)) for name, value in values.items() if not isinstance(value, Mapping))
    for name, value in values.items():
        if isinstance(value, Mapping):
            lines += ["", *block(name, body(value)).split("\n")] if lines else block(name, body(value)).split("\n")
    return lines


def resource(kind: str, label: str = LABEL, /, **values: Value) -> str:
    return block(f'resource "{kind}" "{label}"', body(values))


def variable(name: str, description: str, *, kind: str = "string", **values: Value) -> str:
    """A value that Terraform asks for, unless it has a `default`."""
    return block(f'variable "{name}"', body({"description": description, "type": Expression(kind), **values}))


def terraform(document: Document, cloud: str, source: str, version: str, address: str, blocks: Iterable[str]) -> str:
    """A Terraform file that makes the other cloud's side.

    `address` refers to the attribute with the address of that cloud's gateway. Whenever it is not the one in the
    connection's customer gateway, Terraform warns.
    """
    wrong = f"Give {document.key} a customer gateway with the address that the output gateway_address shows."
    condition = Expression(f"{address} == {quoted(document.local_ip)}")
    assertion = {"assert": {"condition": condition, "error_message": wrong}}
    requirements = {"source": source, "version": version}
    name = source.rpartition("/")[2]
    provider = block("required_providers", [f"{name} = {{", *(f"  {line}" for line in body(requirements)), "}"])
    keys = [variable(KEY, f"The key of {document.key}", default=document.psk, sensitive=True)]
    if document.bgp is not None and document.bgp.key:
        keys.append(variable(BGP_KEY, "The key of the BGP session", default=document.bgp.key, sensitive=True))
    parts = [
        block("terraform", [*body({"required_version": ">= 1.5"}), "", *provider.split("\n")]),
        *keys,
        *blocks,
        block('output "gateway_address"', body({"value": Expression(address)})),
        block('check "customer_gateway"', body(assertion)),
    ]
    title = f"# {document.label}: {cloud} on the other side, for Terraform in a directory of its own"
    return title + "\n" + "\n\n".join(parts) + "\n"


def networks(document: Document) -> list[str]:
    """Networks of Alibaba Cloud that the other cloud must route into the tunnel, as far as they are known."""
    known = list(document.remote_networks)
    if document.health_check is not None and known:
        source = IPv4Network(document.health_check.source)
        if not any(source.subnet_of(IPv4Network(network)) for network in known):
            known.append(str(source))
    return known


def networks_variable(document: Document) -> str:
    """The networks as a variable. Terraform asks for them where only the routes of both sides know them."""
    description = "Networks of Alibaba Cloud behind the connection"
    if document.health_check is not None:
        description += f", one of them with {document.health_check.source}, which sends the health check"
    known = networks(document)
    return variable(NETWORKS, description, kind="list(string)", **({"default": known} if known else {}))


# --- steps -------------------------------------------------------------------------------------------------------


def steps(document: Document, cloud: str, made_by: str, in_cloud: Iterable[Step]) -> str:
    """The steps in the console of another cloud, and the last one here. `made_by`: what shows the gateway's address."""
    bgp = document.bgp
    ours, theirs = [f"gateway {document.remote_ip}"], [f"gateway {document.local_ip} so far"]
    if bgp is not None:
        ours += [f"AS {bgp.peer_asn}", f"BGP address {bgp.peer_ip}"]
        theirs += [f"AS {bgp.local_asn}", f"BGP address {bgp.local_ip}"]
    gateway = {"IP address": f"the one that {cloud} shows"} | ({"ASN": bgp.local_asn} if bgp is not None else {})
    back = Step(
        f"Alibaba Cloud, if {made_by} has another address than {document.local_ip}: create a customer gateway, and "
        f"choose it for {document.key}.",
        gateway,
    )
    lines = [
        f"{document.label}: {cloud} on the other side, step by step in its console",
        "",
        f"Alibaba Cloud: {', '.join(ours)}. The pre-shared key comes from this side.",
        f"{cloud}: {', '.join(theirs)}.",
    ]
    return "\n".join([*lines, *numbered([*in_cloud, back])]) + "\n"


def routed(document: Document) -> str:
    """The networks that routes lead into the tunnel, for people."""
    return listed(networks(document)) or "the networks of Alibaba Cloud"


def files(document: Document, key: str, configuration: str, by_hand: str) -> dict[str, str]:
    return {f"{document.key}.{key}.tf": configuration, f"{document.key}.{key}{STEPS}": by_hand}


# --- notes -------------------------------------------------------------------------------------------------------


def cloud_notes(document: Document, cloud: str) -> Iterator[Note]:
    """Notes about every other cloud."""
    for name, identity, address in (
        ("RemoteId", document.local_id, document.local_ip),
        ("LocalId", document.remote_id, document.remote_ip),
    ):
        if identity != address:
            text = _("{cloud} knows gateways by their addresses and nothing else. Leave {name} blank.")
            yield Note(f"address_{name}", text.filled(cloud=cloud, name=name), True)
    if parsing.is_private_address(document.remote_ip):
        text = _("{cloud} is reached over the Internet, and this connection has the gateway type Private.")
        yield Note("private", text.filled(cloud=cloud), True)
    if not document.nat_traversal:
        text = _("{cloud} always offers NAT traversal; the connection has it off and will not use it.")
        yield Note("nat_traversal", text.filled(cloud=cloud))
    text = _(
        "{cloud} chooses the address of its gateway. If it is not {address}, create a customer gateway with the "
        "new address, and choose it for this connection. RemoteId follows if it is blank."
    )
    yield Note("gateway_address", text.filled(cloud=cloud, address=document.local_ip))
    text = _("Firewall rules and security groups at {cloud} must let in the networks of Alibaba Cloud.")
    yield Note("firewall", text.filled(cloud=cloud))
    if document.bgp is not None:
        text = _("Over BGP, {cloud} announces the networks of its own side, and accepts what Alibaba Cloud announces.")
        yield Note("announces", text.filled(cloud=cloud))
    yield Note("state", _("Terraform also keeps the keys in clear in its state. Keep that as safe."))


def key_notes(document: Document, cloud: str, *, forbidden: str, shortest: int = 1, longest: int) -> Iterator[Note]:
    """Refuse pre-shared keys that a cloud does not take. Notes name the forbidden signs, never those of the key."""
    if set(document.psk) & set(forbidden):
        text = _("{cloud} takes no pre-shared key with any of {signs} in it. Choose another key.")
        yield Note("psk_signs", text.filled(cloud=cloud, signs=" ".join(forbidden)), True)
    if not shortest <= len(document.psk) <= longest:
        text = _("{cloud} takes pre-shared keys of {shortest} to {longest} characters. Choose another key.")
        yield Note("psk_length", text.filled(cloud=cloud, shortest=shortest, longest=longest), True)


def no_bgp_key_notes(document: Document, cloud: str) -> Iterator[Note]:
    if document.bgp is not None and document.bgp.key:
        text = _("{cloud} has no key for a BGP session. Choose a customer gateway without one.")
        yield Note("bgp_key_unknown", text.filled(cloud=cloud), True)


def private_asn_notes(document: Document, cloud: str) -> Iterator[Note]:
    """For clouds whose own AS number must be a private one."""
    if document.bgp is not None and not any(low <= document.bgp.local_asn <= high for low, high in PRIVATE_ASNS):
        text = _("{cloud} has private AS numbers only: {ranges}. The customer gateway has {asn}.")
        ranges = listed(f"{low}-{high}" for low, high in PRIVATE_ASNS)
        yield Note("asn_local", text.filled(cloud=cloud, ranges=ranges, asn=document.bgp.local_asn), True)


def nearest(lifetime: int, shortest: int, longest: int) -> int:
    """The lifetime in seconds that a cloud has in place of the wanted one; 0 is without end."""
    return max(shortest, min(lifetime or longest, longest))


def lifetime_notes(cloud: str, *phases: tuple[int, int]) -> Iterator[Note]:
    """Notes about lifetimes that differ, by phase: the wanted and the printed one. No side tells the other its own."""
    for phase, (wanted, printed) in enumerate(phases, start=1):
        if wanted != printed:
            text = _(
                "{cloud} renews phase {phase} after {printed} seconds rather than {wanted}. Each side renews by its "
                "own lifetime, so the two may differ."
            )
            yield Note(
                f"lifetime_{phase}", text.filled(cloud=cloud, phase=phase, printed=printed, wanted=wanted or _("never"))
            )


def watched_notes(document: Document, cloud: str) -> Iterator[Note]:
    """For clouds that have no switch for dead peer detection."""
    if not document.dpd:
        text = _("{cloud} always watches for a dead peer, although the connection has DPD off.")
        yield Note("dpd", text.filled(cloud=cloud))
