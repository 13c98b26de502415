"""Forms of the console, and the codes of its pages. Written by `python -m tools.kit`."""

from collections.abc import Mapping, Sequence
from typing import Literal, Self, TypedDict, Unpack, cast

from playwright.sync_api import Locator

from vpn_console_kit.base import Details, Field, Form, TunnelForm, Value, View

# Of lists, below the console's address.
PATHS = {
    "connections": "{region}/connections/",
    "customer_gateways": "{region}/customer-gateways/",
    "cens": "cens/",
    "events": "events/",
    "members": "members/",
    "access_keys": "access-keys/",
}

ConnectionColumn = Literal["status", "state", "customer_gateway", "resource", "gateway_ip", "routing_mode", "health", "tags", "created", "network_type", "transit_router", "zone", "peer_ip", "peer_asn", "bgp", "code", "last_problem", "local_asn", "tunnel_cidr", "local_subnet", "remote_subnet", "ike", "ipsec"]

ConnectionState = Literal["provisioning", "init", "attaching", "attached", "updating", "detaching"]
TunnelStatus = Literal["not_negotiated", "ike_sa_not_established", "ike_sa_established", "ipsec_sa_not_established", "ipsec_sa_established"]
TunnelCode = Literal["", "PeerMismatch", "AlgorithmMismatch", "EncryptionAlgorithmMismatch", "AuthenticationAlgorithmMismatch", "DhGroupMismatch", "PskMismatch", "PeerIdMismatch", "DpdHashNotifyCompatibility", "DpdTimeout", "IkeVersionMismatch", "NegotiationModeMismatch", "NatTMismatch", "LifetimeMismatch", "SecurityProtocolMismatch", "EncapsulationModeMismatch", "AlgorithmCompatibility", "TrafficSelectorMismatch", "PfsMismatch", "CommitMismatch", "ProposalMismatch", "NegotiationFailed", "Phase1NegotiationTimeout", "Phase2NegotiationTimeout", "NoResponse", "ReceiveDeleteNotify", "NoExceptionFound"]
BgpState = Literal["", "Idle", "Connect", "Active", "Established"]
HealthStatus = Literal["", "success", "failed"]
YesNo = Literal["true", "false"]
DeviceSetting = Literal["address", "peer_address", "is_behind_nat", "starts", "ike_version", "ike_mode", "ike_enc_alg", "ike_auth_alg", "ike_pfs", "ike_lifetime", "psk", "local_id", "local_id_kind", "remote_id", "remote_id_kind", "local_subnet", "remote_subnet", "ipsec_enc_alg", "ipsec_auth_alg", "ipsec_pfs", "ipsec_lifetime", "ipsec_kilobytes", "enable_dpd", "enable_nat_traversal", "uses_ah", "uses_transport_mode", "enable_bgp", "local_asn", "local_bgp_ip", "peer_asn", "peer_bgp_ip", "auth_key", "hold_time", "router_id", "bgp_source_ip", "bgp_port_open", "bgp_exports", "announced", "udp_500_open", "udp_4500_open", "esp_open", "loss", "mtu", "clamps_mss", "has_source_nat", "probe_host_answers", "probe_allowed", "probe_routed_back", "probe_same_path", "rekeys", "narrows", "sa_per_pair", "is_policy_based", "commit_bit", "has_odd_hash", "has_odd_dpd"]
Check = Literal["readiness", "start", "device", "address", "gateway", "ports", "version", "mode", "ike_encryption", "ike_hash", "ike_group", "ike_lifetime", "ipsec_lifetime", "key", "remote_id", "local_id", "networks", "form", "ipsec_encryption", "ipsec_hash", "pfs", "nat", "dpd", "packets", "bgp", "bgp_addresses", "bgp_asns", "bgp_key", "bgp_timers", "bgp_policy", "health_check", "routes", "tunnels", "posture"]
Level = Literal["error", "warning", "normal"]
End = Literal["cloud", "device"]
LogLevel = Literal["INFO", "PROTO_WARN", "PROTO_ERR"]
LogWindow = Literal["", "10m", "6h", "24h", "7d", "own"]
LeastLevel = Literal["", "warnings", "errors"]
LogEnds = Literal["", "cloud", "device"]


class ConnectionValues(TypedDict, total=False):
    """Values of ConnectionForm."""

    tunnels: Literal["1", "2"]
    name: str
    resource_group: str
    associate_resource: Literal["NO_ASSOCIATED", "CEN"]
    network_type: Literal["public", "private"]
    cen: str
    transit_router: str
    zone: str
    routing_mode: Literal["destination", "protected"]
    local_subnet: Sequence[str]
    remote_subnet: Sequence[str]
    effect_immediately: Literal["True", "False"]
    customer_gateway: str
    psk: str
    enable_bgp: bool
    local_asn: int | str
    ike_version: Literal["ikev1", "ikev2"]
    ike_mode: Literal["main", "aggressive"]
    ike_enc_alg: Literal["aes", "aes192", "aes256", "des", "3des"]
    ike_auth_alg: Literal["sha1", "md5", "sha256", "sha384", "sha512"]
    ike_pfs: Literal["group1", "group2", "group5", "group14"]
    ike_lifetime: int | str
    local_id: str
    remote_id: str
    ipsec_enc_alg: Literal["aes", "aes192", "aes256", "des", "3des"]
    ipsec_auth_alg: Literal["sha1", "md5", "sha256", "sha384", "sha512"]
    ipsec_pfs: Literal["disabled", "group1", "group2", "group5", "group14"]
    ipsec_lifetime: int | str
    enable_dpd: bool
    enable_nat_traversal: bool
    tunnel_cidr: str
    local_bgp_ip: str
    health_check: bool
    health_check_dip: str
    health_check_sip: str
    health_check_interval: int | str
    health_check_retry: int | str
    health_check_policy: bool
    auto_publish_route_enabled: bool
    associate_default_route_table: bool
    propagate_to_default_route_table: bool
    tags: Mapping[str, str]
    tunnel2_customer_gateway: str
    tunnel2_psk: str
    tunnel2_ike_version: Literal["ikev1", "ikev2"]
    tunnel2_ike_mode: Literal["main", "aggressive"]
    tunnel2_ike_enc_alg: Literal["aes", "aes192", "aes256", "des", "3des"]
    tunnel2_ike_auth_alg: Literal["sha1", "md5", "sha256", "sha384", "sha512"]
    tunnel2_ike_pfs: Literal["group1", "group2", "group5", "group14"]
    tunnel2_ike_lifetime: int | str
    tunnel2_local_id: str
    tunnel2_remote_id: str
    tunnel2_ipsec_enc_alg: Literal["aes", "aes192", "aes256", "des", "3des"]
    tunnel2_ipsec_auth_alg: Literal["sha1", "md5", "sha256", "sha384", "sha512"]
    tunnel2_ipsec_pfs: Literal["disabled", "group1", "group2", "group5", "group14"]
    tunnel2_ipsec_lifetime: int | str
    tunnel2_enable_dpd: bool
    tunnel2_enable_nat_traversal: bool
    tunnel2_tunnel_cidr: str
    tunnel2_local_bgp_ip: str


class ConnectionForm(Form):
    """A new connection: `create` on the list of connections."""

    FIELDS = (
        Field("tunnels", "radio"),
        Field("name", "text"),
        Field("resource_group", "select"),
        Field("associate_resource", "radio"),
        Field("network_type", "radio"),
        Field("cen", "select", needs={"associate_resource": "CEN"}, after=("resource_group",)),
        Field("transit_router", "select", needs={"associate_resource": "CEN"}, after=("cen",)),
        Field("zone", "select", needs={"tunnels": "1", "associate_resource": "CEN"}, after=("transit_router",)),
        Field("routing_mode", "radio"),
        Field("local_subnet", "rows", needs={"routing_mode": "protected"}),
        Field("remote_subnet", "rows", needs={"routing_mode": "protected"}),
        Field("effect_immediately", "radio"),
        Field("customer_gateway", "select", "tunnel1-customer_gateway"),
        Field("psk", "secret", "tunnel1-psk"),
        Field("enable_bgp", "switch"),
        Field("local_asn", "text", needs={"enable_bgp": True}),
        Field("ike_version", "select", "tunnel1-ike_version"),
        Field("ike_mode", "select", "tunnel1-ike_mode"),
        Field("ike_enc_alg", "select", "tunnel1-ike_enc_alg"),
        Field("ike_auth_alg", "select", "tunnel1-ike_auth_alg"),
        Field("ike_pfs", "select", "tunnel1-ike_pfs"),
        Field("ike_lifetime", "text", "tunnel1-ike_lifetime"),
        Field("local_id", "text", "tunnel1-local_id"),
        Field("remote_id", "text", "tunnel1-remote_id"),
        Field("ipsec_enc_alg", "select", "tunnel1-ipsec_enc_alg"),
        Field("ipsec_auth_alg", "select", "tunnel1-ipsec_auth_alg"),
        Field("ipsec_pfs", "select", "tunnel1-ipsec_pfs"),
        Field("ipsec_lifetime", "text", "tunnel1-ipsec_lifetime"),
        Field("enable_dpd", "switch", "tunnel1-enable_dpd"),
        Field("enable_nat_traversal", "switch", "tunnel1-enable_nat_traversal"),
        Field("tunnel_cidr", "text", "tunnel1-tunnel_cidr", needs={"enable_bgp": True}),
        Field("local_bgp_ip", "text", "tunnel1-local_bgp_ip", needs={"enable_bgp": True}),
        Field("health_check", "switch", needs={"tunnels": "1"}),
        Field("health_check_dip", "text", needs={"tunnels": "1", "health_check": True}),
        Field("health_check_sip", "text", needs={"tunnels": "1", "health_check": True}),
        Field("health_check_interval", "text", needs={"tunnels": "1", "health_check": True}),
        Field("health_check_retry", "text", needs={"tunnels": "1", "health_check": True}),
        Field("health_check_policy", "switch", needs={"tunnels": "1", "health_check": True}),
        Field("auto_publish_route_enabled", "switch", needs={"associate_resource": "CEN"}),
        Field("associate_default_route_table", "switch", needs={"associate_resource": "CEN"}),
        Field("propagate_to_default_route_table", "switch", needs={"associate_resource": "CEN"}),
        Field("tags", "tags"),
        Field("tunnel2_customer_gateway", "select", "tunnel2-customer_gateway", needs={"tunnels": "2"}),
        Field("tunnel2_psk", "secret", "tunnel2-psk", needs={"tunnels": "2"}),
        Field("tunnel2_ike_version", "select", "tunnel2-ike_version", needs={"tunnels": "2"}),
        Field("tunnel2_ike_mode", "select", "tunnel2-ike_mode", needs={"tunnels": "2"}),
        Field("tunnel2_ike_enc_alg", "select", "tunnel2-ike_enc_alg", needs={"tunnels": "2"}),
        Field("tunnel2_ike_auth_alg", "select", "tunnel2-ike_auth_alg", needs={"tunnels": "2"}),
        Field("tunnel2_ike_pfs", "select", "tunnel2-ike_pfs", needs={"tunnels": "2"}),
        Field("tunnel2_ike_lifetime", "text", "tunnel2-ike_lifetime", needs={"tunnels": "2"}),
        Field("tunnel2_local_id", "text", "tunnel2-local_id", needs={"tunnels": "2"}),
        Field("tunnel2_remote_id", "text", "tunnel2-remote_id", needs={"tunnels": "2"}),
        Field("tunnel2_ipsec_enc_alg", "select", "tunnel2-ipsec_enc_alg", needs={"tunnels": "2"}),
        Field("tunnel2_ipsec_auth_alg", "select", "tunnel2-ipsec_auth_alg", needs={"tunnels": "2"}),
        Field("tunnel2_ipsec_pfs", "select", "tunnel2-ipsec_pfs", needs={"tunnels": "2"}),
        Field("tunnel2_ipsec_lifetime", "text", "tunnel2-ipsec_lifetime", needs={"tunnels": "2"}),
        Field("tunnel2_enable_dpd", "switch", "tunnel2-enable_dpd", needs={"tunnels": "2"}),
        Field("tunnel2_enable_nat_traversal", "switch", "tunnel2-enable_nat_traversal", needs={"tunnels": "2"}),
        Field("tunnel2_tunnel_cidr", "text", "tunnel2-tunnel_cidr", needs={"enable_bgp": True, "tunnels": "2"}),
        Field("tunnel2_local_bgp_ip", "text", "tunnel2-local_bgp_ip", needs={"enable_bgp": True, "tunnels": "2"}),
    )

    def fill(self, **values: Unpack[ConnectionValues]) -> Self:
        """Set fields by their names, deciding ones first. Raises NoSuchField, NoSuchValue."""
        self._fill(values)
        return self


class ConnectionEditValues(TypedDict, total=False):
    """Values of ConnectionEditForm."""

    name: str
    associate_resource: Literal["NO_ASSOCIATED", "CEN"]
    network_type: Literal["public", "private"]
    cen: str
    transit_router: str
    zone: str
    routing_mode: Literal["destination", "protected"]
    local_subnet: Sequence[str]
    remote_subnet: Sequence[str]
    effect_immediately: Literal["True", "False"]
    customer_gateway: str
    psk: str
    enable_bgp: bool
    local_asn: int | str
    ike_version: Literal["ikev1", "ikev2"]
    ike_mode: Literal["main", "aggressive"]
    ike_enc_alg: Literal["aes", "aes192", "aes256", "des", "3des"]
    ike_auth_alg: Literal["sha1", "md5", "sha256", "sha384", "sha512"]
    ike_pfs: Literal["group1", "group2", "group5", "group14"]
    ike_lifetime: int | str
    local_id: str
    remote_id: str
    ipsec_enc_alg: Literal["aes", "aes192", "aes256", "des", "3des"]
    ipsec_auth_alg: Literal["sha1", "md5", "sha256", "sha384", "sha512"]
    ipsec_pfs: Literal["disabled", "group1", "group2", "group5", "group14"]
    ipsec_lifetime: int | str
    enable_dpd: bool
    enable_nat_traversal: bool
    tunnel_cidr: str
    local_bgp_ip: str
    health_check: bool
    health_check_dip: str
    health_check_sip: str
    health_check_interval: int | str
    health_check_retry: int | str
    health_check_policy: bool
    auto_publish_route_enabled: bool
    associate_default_route_table: bool
    propagate_to_default_route_table: bool
    tags: Mapping[str, str]
    tunnel2_customer_gateway: str
    tunnel2_psk: str
    tunnel2_ike_version: Literal["ikev1", "ikev2"]
    tunnel2_ike_mode: Literal["main", "aggressive"]
    tunnel2_ike_enc_alg: Literal["aes", "aes192", "aes256", "des", "3des"]
    tunnel2_ike_auth_alg: Literal["sha1", "md5", "sha256", "sha384", "sha512"]
    tunnel2_ike_pfs: Literal["group1", "group2", "group5", "group14"]
    tunnel2_ike_lifetime: int | str
    tunnel2_local_id: str
    tunnel2_remote_id: str
    tunnel2_ipsec_enc_alg: Literal["aes", "aes192", "aes256", "des", "3des"]
    tunnel2_ipsec_auth_alg: Literal["sha1", "md5", "sha256", "sha384", "sha512"]
    tunnel2_ipsec_pfs: Literal["disabled", "group1", "group2", "group5", "group14"]
    tunnel2_ipsec_lifetime: int | str
    tunnel2_enable_dpd: bool
    tunnel2_enable_nat_traversal: bool
    tunnel2_tunnel_cidr: str
    tunnel2_local_bgp_ip: str


class ConnectionEditForm(Form):
    """A stored connection: `edit` on its page."""

    FIELDS = (
        Field("name", "text"),
        Field("associate_resource", "radio"),
        Field("network_type", "radio"),
        Field("cen", "select", needs={"associate_resource": "CEN"}, after=("resource_group",)),
        Field("transit_router", "select", needs={"associate_resource": "CEN"}, after=("cen",)),
        Field("zone", "select", needs={"associate_resource": "CEN"}, after=("transit_router",)),
        Field("routing_mode", "radio"),
        Field("local_subnet", "rows", needs={"routing_mode": "protected"}),
        Field("remote_subnet", "rows", needs={"routing_mode": "protected"}),
        Field("effect_immediately", "radio"),
        Field("customer_gateway", "select", "tunnel1-customer_gateway"),
        Field("psk", "secret", "tunnel1-psk"),
        Field("enable_bgp", "switch"),
        Field("local_asn", "text", needs={"enable_bgp": True}),
        Field("ike_version", "select", "tunnel1-ike_version"),
        Field("ike_mode", "select", "tunnel1-ike_mode"),
        Field("ike_enc_alg", "select", "tunnel1-ike_enc_alg"),
        Field("ike_auth_alg", "select", "tunnel1-ike_auth_alg"),
        Field("ike_pfs", "select", "tunnel1-ike_pfs"),
        Field("ike_lifetime", "text", "tunnel1-ike_lifetime"),
        Field("local_id", "text", "tunnel1-local_id"),
        Field("remote_id", "text", "tunnel1-remote_id"),
        Field("ipsec_enc_alg", "select", "tunnel1-ipsec_enc_alg"),
        Field("ipsec_auth_alg", "select", "tunnel1-ipsec_auth_alg"),
        Field("ipsec_pfs", "select", "tunnel1-ipsec_pfs"),
        Field("ipsec_lifetime", "text", "tunnel1-ipsec_lifetime"),
        Field("enable_dpd", "switch", "tunnel1-enable_dpd"),
        Field("enable_nat_traversal", "switch", "tunnel1-enable_nat_traversal"),
        Field("tunnel_cidr", "text", "tunnel1-tunnel_cidr", needs={"enable_bgp": True}),
        Field("local_bgp_ip", "text", "tunnel1-local_bgp_ip", needs={"enable_bgp": True}),
        Field("health_check", "switch"),
        Field("health_check_dip", "text", needs={"health_check": True}),
        Field("health_check_sip", "text", needs={"health_check": True}),
        Field("health_check_interval", "text", needs={"health_check": True}),
        Field("health_check_retry", "text", needs={"health_check": True}),
        Field("health_check_policy", "switch", needs={"health_check": True}),
        Field("auto_publish_route_enabled", "switch", needs={"associate_resource": "CEN"}),
        Field("associate_default_route_table", "switch", needs={"associate_resource": "CEN"}),
        Field("propagate_to_default_route_table", "switch", needs={"associate_resource": "CEN"}),
        Field("tags", "tags"),
        Field("tunnel2_customer_gateway", "select", "tunnel2-customer_gateway"),
        Field("tunnel2_psk", "secret", "tunnel2-psk"),
        Field("tunnel2_ike_version", "select", "tunnel2-ike_version"),
        Field("tunnel2_ike_mode", "select", "tunnel2-ike_mode"),
        Field("tunnel2_ike_enc_alg", "select", "tunnel2-ike_enc_alg"),
        Field("tunnel2_ike_auth_alg", "select", "tunnel2-ike_auth_alg"),
        Field("tunnel2_ike_pfs", "select", "tunnel2-ike_pfs"),
        Field("tunnel2_ike_lifetime", "text", "tunnel2-ike_lifetime"),
        Field("tunnel2_local_id", "text", "tunnel2-local_id"),
        Field("tunnel2_remote_id", "text", "tunnel2-remote_id"),
        Field("tunnel2_ipsec_enc_alg", "select", "tunnel2-ipsec_enc_alg"),
        Field("tunnel2_ipsec_auth_alg", "select", "tunnel2-ipsec_auth_alg"),
        Field("tunnel2_ipsec_pfs", "select", "tunnel2-ipsec_pfs"),
        Field("tunnel2_ipsec_lifetime", "text", "tunnel2-ipsec_lifetime"),
        Field("tunnel2_enable_dpd", "switch", "tunnel2-enable_dpd"),
        Field("tunnel2_enable_nat_traversal", "switch", "tunnel2-enable_nat_traversal"),
        Field("tunnel2_tunnel_cidr", "text", "tunnel2-tunnel_cidr", needs={"enable_bgp": True}),
        Field("tunnel2_local_bgp_ip", "text", "tunnel2-local_bgp_ip", needs={"enable_bgp": True}),
    )

    def fill(self, **values: Unpack[ConnectionEditValues]) -> Self:
        """Set fields by their names, deciding ones first. Raises NoSuchField, NoSuchValue."""
        self._fill(values)
        return self


class TunnelEditValues(TypedDict, total=False):
    """Values of TunnelEditForm."""

    customer_gateway: str
    psk: str
    ike_version: Literal["ikev1", "ikev2"]
    ike_mode: Literal["main", "aggressive"]
    ike_enc_alg: Literal["aes", "aes192", "aes256", "des", "3des"]
    ike_auth_alg: Literal["sha1", "md5", "sha256", "sha384", "sha512"]
    ike_pfs: Literal["group1", "group2", "group5", "group14"]
    ike_lifetime: int | str
    local_id: str
    remote_id: str
    ipsec_enc_alg: Literal["aes", "aes192", "aes256", "des", "3des"]
    ipsec_auth_alg: Literal["sha1", "md5", "sha256", "sha384", "sha512"]
    ipsec_pfs: Literal["disabled", "group1", "group2", "group5", "group14"]
    ipsec_lifetime: int | str
    enable_dpd: bool
    enable_nat_traversal: bool
    tunnel_cidr: str
    local_bgp_ip: str


class TunnelEditForm(TunnelForm):
    """One of two tunnels: `tunnel-{id}-edit`. Test ids of the second begin with `tunnel2-`."""

    FIELDS = (
        Field("customer_gateway", "select", "tunnel1-customer_gateway"),
        Field("psk", "secret", "tunnel1-psk"),
        Field("ike_version", "select", "tunnel1-ike_version"),
        Field("ike_mode", "select", "tunnel1-ike_mode"),
        Field("ike_enc_alg", "select", "tunnel1-ike_enc_alg"),
        Field("ike_auth_alg", "select", "tunnel1-ike_auth_alg"),
        Field("ike_pfs", "select", "tunnel1-ike_pfs"),
        Field("ike_lifetime", "text", "tunnel1-ike_lifetime"),
        Field("local_id", "text", "tunnel1-local_id"),
        Field("remote_id", "text", "tunnel1-remote_id"),
        Field("ipsec_enc_alg", "select", "tunnel1-ipsec_enc_alg"),
        Field("ipsec_auth_alg", "select", "tunnel1-ipsec_auth_alg"),
        Field("ipsec_pfs", "select", "tunnel1-ipsec_pfs"),
        Field("ipsec_lifetime", "text", "tunnel1-ipsec_lifetime"),
        Field("enable_dpd", "switch", "tunnel1-enable_dpd"),
        Field("enable_nat_traversal", "switch", "tunnel1-enable_nat_traversal"),
        Field("tunnel_cidr", "text", "tunnel1-tunnel_cidr", needs={"enable_bgp": True}),
        Field("local_bgp_ip", "text", "tunnel1-local_bgp_ip", needs={"enable_bgp": True}),
    )

    def fill(self, **values: Unpack[TunnelEditValues]) -> Self:
        """Set fields by their names, deciding ones first. Raises NoSuchField, NoSuchValue."""
        self._fill(values)
        return self


class CustomerGatewayValues(TypedDict, total=False):
    """Values of CustomerGatewayForm."""

    name: str
    ip_address: str
    asn: int | str
    auth_key: str
    description: str
    resource_group: str
    tags: Mapping[str, str]


class CustomerGatewayForm(Form):
    """A new customer gateway."""

    FIELDS = (
        Field("name", "text"),
        Field("ip_address", "text"),
        Field("asn", "text"),
        Field("auth_key", "secret"),
        Field("description", "text"),
        Field("resource_group", "select"),
        Field("tags", "tags"),
    )

    def fill(self, **values: Unpack[CustomerGatewayValues]) -> Self:
        """Set fields by their names, deciding ones first. Raises NoSuchField, NoSuchValue."""
        self._fill(values)
        return self


class CustomerGatewayEditValues(TypedDict, total=False):
    """Values of CustomerGatewayEditForm."""

    name: str
    description: str
    auth_key: str
    clear_auth_key: bool


class CustomerGatewayEditForm(Form):
    """A stored customer gateway: `edit` on its page."""

    FIELDS = (
        Field("name", "text"),
        Field("description", "text"),
        Field("auth_key", "secret"),
        Field("clear_auth_key", "switch"),
    )

    def fill(self, **values: Unpack[CustomerGatewayEditValues]) -> Self:
        """Set fields by their names, deciding ones first. Raises NoSuchField, NoSuchValue."""
        self._fill(values)
        return self


class CenValues(TypedDict, total=False):
    """Values of CenForm."""

    name: str
    description: str
    resource_group: str
    tags: Mapping[str, str]


class CenForm(Form):
    """A new CEN instance."""

    FIELDS = (
        Field("name", "text"),
        Field("description", "text"),
        Field("resource_group", "select"),
        Field("tags", "tags"),
    )

    def fill(self, **values: Unpack[CenValues]) -> Self:
        """Set fields by their names, deciding ones first. Raises NoSuchField, NoSuchValue."""
        self._fill(values)
        return self


class TransitRouterValues(TypedDict, total=False):
    """Values of TransitRouterForm."""

    region_id: Literal["cn-hangzhou", "cn-shanghai", "cn-nanjing", "cn-fuzhou", "cn-shenzhen", "cn-heyuan", "cn-guangzhou", "cn-qingdao", "cn-beijing", "cn-zhangjiakou", "cn-huhehaote", "cn-wulanchabu", "cn-chengdu", "cn-hongkong", "ap-southeast-1", "ap-southeast-3", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ap-northeast-1", "ap-northeast-2", "eu-central-1", "eu-west-1", "us-east-1", "us-west-1", "us-southeast-1", "na-south-1", "me-east-1", "me-central-1"]
    name: str
    description: str
    tags: Mapping[str, str]
    cidrs: Sequence[str]


class TransitRouterForm(Form):
    """A transit router: `router-create` on a CEN's page."""

    FIELDS = (
        Field("region_id", "select"),
        Field("name", "text"),
        Field("description", "text"),
        Field("tags", "tags"),
        Field("cidrs", "rows"),
    )

    def fill(self, **values: Unpack[TransitRouterValues]) -> Self:
        """Set fields by their names, deciding ones first. Raises NoSuchField, NoSuchValue."""
        self._fill(values)
        return self


class RouterCidrValues(TypedDict, total=False):
    """Values of RouterCidrForm."""

    cidr: str
    name: str
    description: str
    publish_cidr_route: bool


class RouterCidrForm(Form):
    """A CIDR block of a transit router: `cidr-create`."""

    FIELDS = (
        Field("cidr", "text"),
        Field("name", "text"),
        Field("description", "text"),
        Field("publish_cidr_route", "switch"),
    )

    def fill(self, **values: Unpack[RouterCidrValues]) -> Self:
        """Set fields by their names, deciding ones first. Raises NoSuchField, NoSuchValue."""
        self._fill(values)
        return self


class AttachValues(TypedDict, total=False):
    """Values of AttachForm."""

    name: str
    zone: str
    auto_publish_route_enabled: bool
    associate_default_route_table: bool
    propagate_to_default_route_table: bool
    resource_owner: Literal["current", "different"]
    owner_uid: str
    connection: str


class AttachForm(Form):
    """`router-attach` on a transit router's page."""

    FIELDS = (
        Field("name", "text"),
        Field("zone", "select"),
        Field("auto_publish_route_enabled", "switch"),
        Field("associate_default_route_table", "switch"),
        Field("propagate_to_default_route_table", "switch"),
        Field("resource_owner", "radio"),
        Field("owner_uid", "text", needs={"resource_owner": "different"}),
        Field("connection", "select", after=("resource_owner", "owner_uid",)),
    )

    def fill(self, **values: Unpack[AttachValues]) -> Self:
        """Set fields by their names, deciding ones first. Raises NoSuchField, NoSuchValue."""
        self._fill(values)
        return self


class AuthorizationValues(TypedDict, total=False):
    """Values of AuthorizationForm."""

    peer_uid: str
    peer_cen_id: str
    order_type: Literal["PayByCenOwner", "PayByResourceOwner"]


class AuthorizationForm(Form):
    """`authorize` on a connection's page."""

    FIELDS = (
        Field("peer_uid", "text"),
        Field("peer_cen_id", "text"),
        Field("order_type", "radio"),
    )

    def fill(self, **values: Unpack[AuthorizationValues]) -> Self:
        """Set fields by their names, deciding ones first. Raises NoSuchField, NoSuchValue."""
        self._fill(values)
        return self


class RouteValues(TypedDict, total=False):
    """Values of RouteForm."""

    destination: str
    weight: Literal["100", "0"]
    description: str


class RouteForm(Form):
    """A route of a connection: `route-create`."""

    FIELDS = (
        Field("destination", "text"),
        Field("weight", "select"),
        Field("description", "text"),
    )

    def fill(self, **values: Unpack[RouteValues]) -> Self:
        """Set fields by their names, deciding ones first. Raises NoSuchField, NoSuchValue."""
        self._fill(values)
        return self


class RouteTableValues(TypedDict, total=False):
    """Values of RouteTableForm."""

    name: str
    description: str


class RouteTableForm(Form):
    """A route table: `route-table-create`."""

    FIELDS = (
        Field("name", "text"),
        Field("description", "text"),
    )

    def fill(self, **values: Unpack[RouteTableValues]) -> Self:
        """Set fields by their names, deciding ones first. Raises NoSuchField, NoSuchValue."""
        self._fill(values)
        return self


class TagsValues(TypedDict, total=False):
    """Values of TagsForm."""

    tags: Mapping[str, str]


class TagsForm(Form):
    """Tags of a resource: `edit-tags`."""

    FIELDS = (
        Field("tags", "tags"),
    )

    def fill(self, **values: Unpack[TagsValues]) -> Self:
        """Set fields by their names, deciding ones first. Raises NoSuchField, NoSuchValue."""
        self._fill(values)
        return self


class DeviceValues(TypedDict, total=False):
    """Values of DeviceForm."""

    address: str
    peer_address: str
    is_behind_nat: bool
    starts: Literal["itself", "traffic", "never"]
    ike_version: Sequence[Literal["ikev1", "ikev2"]]
    ike_mode: Literal["main", "aggressive"]
    ike_enc_alg: Sequence[Literal["aes", "aes192", "aes256", "des", "3des"]]
    ike_auth_alg: Sequence[Literal["sha1", "md5", "sha256", "sha384", "sha512"]]
    ike_pfs: Sequence[Literal["group1", "group2", "group5", "group14"]]
    ike_lifetime: int | str
    psk: str
    local_id: str
    local_id_kind: Literal["address", "fqdn", "email"]
    remote_id: str
    remote_id_kind: Literal["address", "fqdn", "email"]
    local_subnet: Sequence[str]
    remote_subnet: Sequence[str]
    ipsec_enc_alg: Sequence[Literal["aes", "aes192", "aes256", "des", "3des"]]
    ipsec_auth_alg: Sequence[Literal["sha1", "md5", "sha256", "sha384", "sha512"]]
    ipsec_pfs: Sequence[Literal["disabled", "group1", "group2", "group5", "group14"]]
    ipsec_lifetime: int | str
    ipsec_kilobytes: int | str
    enable_dpd: bool
    enable_nat_traversal: bool
    uses_ah: bool
    uses_transport_mode: bool
    enable_bgp: bool
    local_asn: int | str
    local_bgp_ip: str
    peer_asn: int | str
    peer_bgp_ip: str
    auth_key: str
    hold_time: int | str
    router_id: str
    bgp_source_ip: str
    bgp_port_open: bool
    bgp_exports: bool
    announced: Sequence[str]
    udp_500_open: bool
    udp_4500_open: bool
    esp_open: bool
    loss: int | str
    mtu: int | str
    clamps_mss: bool
    has_source_nat: bool
    probe_host_answers: bool
    probe_allowed: bool
    probe_routed_back: bool
    probe_same_path: bool
    rekeys: bool
    narrows: bool
    sa_per_pair: bool
    is_policy_based: bool
    commit_bit: bool
    has_odd_hash: bool
    has_odd_dpd: bool
    clear_psk: bool
    clear_auth_key: bool


class DeviceForm(Form):
    """A simulated device: `device-edit`."""

    FIELDS = (
        Field("address", "text"),
        Field("peer_address", "text"),
        Field("is_behind_nat", "switch"),
        Field("starts", "select"),
        Field("ike_version", "selects"),
        Field("ike_mode", "select", needs={"ike_version": "ikev1"}),
        Field("ike_enc_alg", "selects"),
        Field("ike_auth_alg", "selects"),
        Field("ike_pfs", "selects"),
        Field("ike_lifetime", "text"),
        Field("psk", "secret"),
        Field("local_id", "text"),
        Field("local_id_kind", "select"),
        Field("remote_id", "text"),
        Field("remote_id_kind", "select"),
        Field("local_subnet", "rows"),
        Field("remote_subnet", "rows"),
        Field("ipsec_enc_alg", "selects"),
        Field("ipsec_auth_alg", "selects"),
        Field("ipsec_pfs", "selects"),
        Field("ipsec_lifetime", "text"),
        Field("ipsec_kilobytes", "text"),
        Field("enable_dpd", "switch"),
        Field("enable_nat_traversal", "switch"),
        Field("uses_ah", "switch"),
        Field("uses_transport_mode", "switch"),
        Field("enable_bgp", "switch"),
        Field("local_asn", "text", needs={"enable_bgp": True}),
        Field("local_bgp_ip", "text", needs={"enable_bgp": True}),
        Field("peer_asn", "text", needs={"enable_bgp": True}),
        Field("peer_bgp_ip", "text", needs={"enable_bgp": True}),
        Field("auth_key", "secret", needs={"enable_bgp": True}),
        Field("hold_time", "text", needs={"enable_bgp": True}),
        Field("router_id", "text", needs={"enable_bgp": True}),
        Field("bgp_source_ip", "text", needs={"enable_bgp": True}),
        Field("bgp_port_open", "switch", needs={"enable_bgp": True}),
        Field("bgp_exports", "switch", needs={"enable_bgp": True}),
        Field("announced", "rows", needs={"enable_bgp": True}),
        Field("udp_500_open", "switch"),
        Field("udp_4500_open", "switch"),
        Field("esp_open", "switch"),
        Field("loss", "text"),
        Field("mtu", "text"),
        Field("clamps_mss", "switch"),
        Field("has_source_nat", "switch"),
        Field("probe_host_answers", "switch"),
        Field("probe_allowed", "switch"),
        Field("probe_routed_back", "switch"),
        Field("probe_same_path", "switch"),
        Field("rekeys", "switch"),
        Field("narrows", "switch"),
        Field("sa_per_pair", "switch"),
        Field("is_policy_based", "switch"),
        Field("commit_bit", "switch"),
        Field("has_odd_hash", "switch"),
        Field("has_odd_dpd", "switch", needs={"ike_version": "ikev1"}),
        Field("clear_psk", "switch"),
        Field("clear_auth_key", "switch"),
    )

    def fill(self, **values: Unpack[DeviceValues]) -> Self:
        """Set fields by their names, deciding ones first. Raises NoSuchField, NoSuchValue."""
        self._fill(values)
        return self


class MemberValues(TypedDict, total=False):
    """Values of MemberForm."""

    username: str
    first_name: str
    last_name: str
    role: Literal["administrator", "operator", "read_only"]
    password: str


class MemberForm(Form):
    """A new member of the account."""

    FIELDS = (
        Field("username", "text"),
        Field("first_name", "text"),
        Field("last_name", "text"),
        Field("role", "select"),
        Field("password", "secret"),
    )

    def fill(self, **values: Unpack[MemberValues]) -> Self:
        """Set fields by their names, deciding ones first. Raises NoSuchField, NoSuchValue."""
        self._fill(values)
        return self


class AccessKeyValues(TypedDict, total=False):
    """Values of AccessKeyForm."""

    user: str


class AccessKeyForm(Form):
    """A new access key."""

    FIELDS = (
        Field("user", "select"),
    )

    def fill(self, **values: Unpack[AccessKeyValues]) -> Self:
        """Set fields by their names, deciding ones first. Raises NoSuchField, NoSuchValue."""
        self._fill(values)
        return self


class ConnectionCodes(TypedDict):
    """Codes of ConnectionView."""

    state: ConnectionState
    status: TunnelStatus


class ConnectionView(Details):
    """The page of a connection."""

    VALUES = (
        Value("state", "state", "data-state"),
        Value("status", "status", "data-status"),
    )

    @property
    def state(self) -> Locator:
        """Its attribute `data-state` has the code: the state of the connection."""
        return self.element("state")

    @property
    def status(self) -> Locator:
        """Its attribute `data-status` has the code: how far the negotiation has come."""
        return self.element("status")

    def codes(self) -> ConnectionCodes:
        """The codes that are shown now; blank where there is none."""
        return cast(ConnectionCodes, super().codes())


class TunnelCodes(TypedDict):
    """Codes of TunnelView."""

    status: TunnelStatus
    code: TunnelCode
    bgp: BgpState
    health: HealthStatus


class TunnelView(View):
    """A tunnel of a connection, on the tab of its tunnels."""

    VALUES = (
        Value("status", "{stem}-status", "data-status"),
        Value("code", "{stem}-code", "data-code"),
        Value("bgp", "{stem}-bgp", "data-bgp"),
        Value("health", "{stem}-health", "data-health"),
    )

    @property
    def status(self) -> Locator:
        """Its attribute `data-status` has the code: how far the negotiation has come."""
        return self.element("status")

    @property
    def code(self) -> Locator:
        """Its attribute `data-code` has the code: why it has failed, for some minutes."""
        return self.element("code")

    @property
    def bgp(self) -> Locator:
        """Its attribute `data-bgp` has the code: the state of the BGP session; blank without BGP."""
        return self.element("bgp")

    @property
    def health(self) -> Locator:
        """Its attribute `data-health` has the code: the last result of the health check."""
        return self.element("health")

    def codes(self) -> TunnelCodes:
        """The codes that are shown now; blank where there is none."""
        return cast(TunnelCodes, super().codes())


class DeviceCodes(TypedDict):
    """Codes of DeviceView."""

    status: TunnelStatus
    code: TunnelCode
    configured: YesNo
    power: YesNo
    line: YesNo


class DeviceView(Details):
    """The simulated device of a tunnel."""

    VALUES = (
        Value("status", "device-tunnel-status", "data-status"),
        Value("code", "device-tunnel-code", "data-code"),
        Value("configured", "value-is_configured", "data-value"),
        Value("power", "value-is_on", "data-value"),
        Value("line", "value-has_line", "data-value"),
    )

    @property
    def status(self) -> Locator:
        """Its attribute `data-status` has the code: how far the negotiation has come."""
        return self.element("status")

    @property
    def code(self) -> Locator:
        """Its attribute `data-code` has the code: why it has failed, for some minutes."""
        return self.element("code")

    @property
    def configured(self) -> Locator:
        """Its attribute `data-value` has the code: whether it was configured."""
        return self.element("configured")

    @property
    def power(self) -> Locator:
        """Its attribute `data-value` has the code: whether it is on."""
        return self.element("power")

    @property
    def line(self) -> Locator:
        """Its attribute `data-value` has the code: whether it has a line."""
        return self.element("line")

    def codes(self) -> DeviceCodes:
        """The codes that are shown now; blank where there is none."""
        return cast(DeviceCodes, super().codes())


class ReportCodes(TypedDict):
    """Codes of ReportView."""

    status: TunnelStatus
    code: TunnelCode


class ReportView(View):
    """What the diagnosis has found about a tunnel."""

    VALUES = (
        Value("status", "{stem}-result", "data-status"),
        Value("code", "{stem}-result", "data-code"),
    )

    @property
    def status(self) -> Locator:
        """Its attribute `data-status` has the code: how far the negotiation has come."""
        return self.element("status")

    @property
    def code(self) -> Locator:
        """Its attribute `data-code` has the code: why it has failed, for some minutes."""
        return self.element("code")

    def codes(self) -> ReportCodes:
        """The codes that are shown now; blank where there is none."""
        return cast(ReportCodes, super().codes())
