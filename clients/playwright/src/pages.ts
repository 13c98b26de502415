/** Forms of the console, and the codes of its pages. Written by `python -m tools.kit`. */

import type { Locator } from "@playwright/test";

import { Details, type Field, Form, TunnelForm, type Value, View } from "./base.js";

/** Of lists, below the console's address. */
export const PATHS = {
  connections: "{region}/connections/",
  customer_gateways: "{region}/customer-gateways/",
  cens: "cens/",
  events: "events/",
  members: "members/",
  access_keys: "access-keys/",
} as const;

export type ConnectionColumn = "status" | "state" | "customer_gateway" | "resource" | "gateway_ip" | "routing_mode" | "health" | "tags" | "created" | "network_type" | "transit_router" | "zone" | "peer_ip" | "peer_asn" | "bgp" | "code" | "last_problem" | "local_asn" | "tunnel_cidr" | "local_subnet" | "remote_subnet" | "ike" | "ipsec";

export type ConnectionState = "provisioning" | "init" | "attaching" | "attached" | "updating" | "detaching";
export type TunnelStatus = "not_negotiated" | "ike_sa_not_established" | "ike_sa_established" | "ipsec_sa_not_established" | "ipsec_sa_established";
export type TunnelCode = "" | "PeerMismatch" | "AlgorithmMismatch" | "EncryptionAlgorithmMismatch" | "AuthenticationAlgorithmMismatch" | "DhGroupMismatch" | "PskMismatch" | "PeerIdMismatch" | "DpdHashNotifyCompatibility" | "DpdTimeout" | "IkeVersionMismatch" | "NegotiationModeMismatch" | "NatTMismatch" | "LifetimeMismatch" | "SecurityProtocolMismatch" | "EncapsulationModeMismatch" | "AlgorithmCompatibility" | "TrafficSelectorMismatch" | "PfsMismatch" | "CommitMismatch" | "ProposalMismatch" | "NegotiationFailed" | "Phase1NegotiationTimeout" | "Phase2NegotiationTimeout" | "NoResponse" | "ReceiveDeleteNotify" | "NoExceptionFound";
export type BgpState = "" | "Idle" | "Connect" | "Active" | "Established";
export type HealthStatus = "" | "success" | "failed";
export type YesNo = "true" | "false";
export type DeviceSetting = "address" | "peer_address" | "is_behind_nat" | "starts" | "ike_version" | "ike_mode" | "ike_enc_alg" | "ike_auth_alg" | "ike_pfs" | "ike_lifetime" | "psk" | "local_id" | "local_id_kind" | "remote_id" | "remote_id_kind" | "local_subnet" | "remote_subnet" | "ipsec_enc_alg" | "ipsec_auth_alg" | "ipsec_pfs" | "ipsec_lifetime" | "ipsec_kilobytes" | "enable_dpd" | "enable_nat_traversal" | "uses_ah" | "uses_transport_mode" | "enable_bgp" | "local_asn" | "local_bgp_ip" | "peer_asn" | "peer_bgp_ip" | "auth_key" | "hold_time" | "router_id" | "bgp_source_ip" | "bgp_port_open" | "bgp_exports" | "announced" | "udp_500_open" | "udp_4500_open" | "esp_open" | "loss" | "mtu" | "clamps_mss" | "has_source_nat" | "probe_host_answers" | "probe_allowed" | "probe_routed_back" | "probe_same_path" | "rekeys" | "narrows" | "sa_per_pair" | "is_policy_based" | "commit_bit" | "has_odd_hash" | "has_odd_dpd";
export type Check = "readiness" | "start" | "device" | "address" | "gateway" | "ports" | "version" | "mode" | "ike_encryption" | "ike_hash" | "ike_group" | "ike_lifetime" | "ipsec_lifetime" | "key" | "remote_id" | "local_id" | "networks" | "form" | "ipsec_encryption" | "ipsec_hash" | "pfs" | "nat" | "dpd" | "packets" | "bgp" | "bgp_addresses" | "bgp_asns" | "bgp_key" | "bgp_timers" | "bgp_policy" | "health_check" | "routes" | "tunnels" | "posture";
export type Level = "error" | "warning" | "normal";
export type End = "cloud" | "device";
export type LogLevel = "INFO" | "PROTO_WARN" | "PROTO_ERR";
export type LogWindow = "" | "10m" | "6h" | "24h" | "7d" | "own";
export type LeastLevel = "" | "warnings" | "errors";
export type LogEnds = "" | "cloud" | "device";

/** Values of ConnectionForm. */
export interface ConnectionValues {
  tunnels?: "1" | "2" | undefined;
  name?: string | undefined;
  resource_group?: string | undefined;
  associate_resource?: "NO_ASSOCIATED" | "CEN" | undefined;
  network_type?: "public" | "private" | undefined;
  cen?: string | undefined;
  transit_router?: string | undefined;
  zone?: string | undefined;
  routing_mode?: "destination" | "protected" | undefined;
  local_subnet?: readonly string[] | undefined;
  remote_subnet?: readonly string[] | undefined;
  effect_immediately?: "True" | "False" | undefined;
  customer_gateway?: string | undefined;
  psk?: string | undefined;
  enable_bgp?: boolean | undefined;
  local_asn?: number | string | undefined;
  ike_version?: "ikev1" | "ikev2" | undefined;
  ike_mode?: "main" | "aggressive" | undefined;
  ike_enc_alg?: "aes" | "aes192" | "aes256" | "des" | "3des" | undefined;
  ike_auth_alg?: "sha1" | "md5" | "sha256" | "sha384" | "sha512" | undefined;
  ike_pfs?: "group1" | "group2" | "group5" | "group14" | undefined;
  ike_lifetime?: number | string | undefined;
  local_id?: string | undefined;
  remote_id?: string | undefined;
  ipsec_enc_alg?: "aes" | "aes192" | "aes256" | "des" | "3des" | undefined;
  ipsec_auth_alg?: "sha1" | "md5" | "sha256" | "sha384" | "sha512" | undefined;
  ipsec_pfs?: "disabled" | "group1" | "group2" | "group5" | "group14" | undefined;
  ipsec_lifetime?: number | string | undefined;
  enable_dpd?: boolean | undefined;
  enable_nat_traversal?: boolean | undefined;
  tunnel_cidr?: string | undefined;
  local_bgp_ip?: string | undefined;
  health_check?: boolean | undefined;
  health_check_dip?: string | undefined;
  health_check_sip?: string | undefined;
  health_check_interval?: number | string | undefined;
  health_check_retry?: number | string | undefined;
  health_check_policy?: boolean | undefined;
  auto_publish_route_enabled?: boolean | undefined;
  associate_default_route_table?: boolean | undefined;
  propagate_to_default_route_table?: boolean | undefined;
  tags?: Readonly<Record<string, string>> | undefined;
  tunnel2_customer_gateway?: string | undefined;
  tunnel2_psk?: string | undefined;
  tunnel2_ike_version?: "ikev1" | "ikev2" | undefined;
  tunnel2_ike_mode?: "main" | "aggressive" | undefined;
  tunnel2_ike_enc_alg?: "aes" | "aes192" | "aes256" | "des" | "3des" | undefined;
  tunnel2_ike_auth_alg?: "sha1" | "md5" | "sha256" | "sha384" | "sha512" | undefined;
  tunnel2_ike_pfs?: "group1" | "group2" | "group5" | "group14" | undefined;
  tunnel2_ike_lifetime?: number | string | undefined;
  tunnel2_local_id?: string | undefined;
  tunnel2_remote_id?: string | undefined;
  tunnel2_ipsec_enc_alg?: "aes" | "aes192" | "aes256" | "des" | "3des" | undefined;
  tunnel2_ipsec_auth_alg?: "sha1" | "md5" | "sha256" | "sha384" | "sha512" | undefined;
  tunnel2_ipsec_pfs?: "disabled" | "group1" | "group2" | "group5" | "group14" | undefined;
  tunnel2_ipsec_lifetime?: number | string | undefined;
  tunnel2_enable_dpd?: boolean | undefined;
  tunnel2_enable_nat_traversal?: boolean | undefined;
  tunnel2_tunnel_cidr?: string | undefined;
  tunnel2_local_bgp_ip?: string | undefined;
}

/** A new connection: `create` on the list of connections. */
export class ConnectionForm extends Form<ConnectionValues> {
  static override readonly FIELDS: readonly Field[] = [
    { name: "tunnels", kind: "radio" },
    { name: "name", kind: "text" },
    { name: "resource_group", kind: "select" },
    { name: "associate_resource", kind: "radio" },
    { name: "network_type", kind: "radio" },
    { name: "cen", kind: "select", needs: { associate_resource: "CEN" }, after: ["resource_group"] },
    { name: "transit_router", kind: "select", needs: { associate_resource: "CEN" }, after: ["cen"] },
    { name: "zone", kind: "select", needs: { tunnels: "1", associate_resource: "CEN" }, after: ["transit_router"] },
    { name: "routing_mode", kind: "radio" },
    { name: "local_subnet", kind: "rows", needs: { routing_mode: "protected" } },
    { name: "remote_subnet", kind: "rows", needs: { routing_mode: "protected" } },
    { name: "effect_immediately", kind: "radio" },
    { name: "customer_gateway", kind: "select", htmlName: "tunnel1-customer_gateway" },
    { name: "psk", kind: "secret", htmlName: "tunnel1-psk" },
    { name: "enable_bgp", kind: "switch" },
    { name: "local_asn", kind: "text", needs: { enable_bgp: true } },
    { name: "ike_version", kind: "select", htmlName: "tunnel1-ike_version" },
    { name: "ike_mode", kind: "select", htmlName: "tunnel1-ike_mode" },
    { name: "ike_enc_alg", kind: "select", htmlName: "tunnel1-ike_enc_alg" },
    { name: "ike_auth_alg", kind: "select", htmlName: "tunnel1-ike_auth_alg" },
    { name: "ike_pfs", kind: "select", htmlName: "tunnel1-ike_pfs" },
    { name: "ike_lifetime", kind: "text", htmlName: "tunnel1-ike_lifetime" },
    { name: "local_id", kind: "text", htmlName: "tunnel1-local_id" },
    { name: "remote_id", kind: "text", htmlName: "tunnel1-remote_id" },
    { name: "ipsec_enc_alg", kind: "select", htmlName: "tunnel1-ipsec_enc_alg" },
    { name: "ipsec_auth_alg", kind: "select", htmlName: "tunnel1-ipsec_auth_alg" },
    { name: "ipsec_pfs", kind: "select", htmlName: "tunnel1-ipsec_pfs" },
    { name: "ipsec_lifetime", kind: "text", htmlName: "tunnel1-ipsec_lifetime" },
    { name: "enable_dpd", kind: "switch", htmlName: "tunnel1-enable_dpd" },
    { name: "enable_nat_traversal", kind: "switch", htmlName: "tunnel1-enable_nat_traversal" },
    { name: "tunnel_cidr", kind: "text", htmlName: "tunnel1-tunnel_cidr", needs: { enable_bgp: true } },
    { name: "local_bgp_ip", kind: "text", htmlName: "tunnel1-local_bgp_ip", needs: { enable_bgp: true } },
    { name: "health_check", kind: "switch", needs: { tunnels: "1" } },
    { name: "health_check_dip", kind: "text", needs: { tunnels: "1", health_check: true } },
    { name: "health_check_sip", kind: "text", needs: { tunnels: "1", health_check: true } },
    { name: "health_check_interval", kind: "text", needs: { tunnels: "1", health_check: true } },
    { name: "health_check_retry", kind: "text", needs: { tunnels: "1", health_check: true } },
    { name: "health_check_policy", kind: "switch", needs: { tunnels: "1", health_check: true } },
    { name: "auto_publish_route_enabled", kind: "switch", needs: { associate_resource: "CEN" } },
    { name: "associate_default_route_table", kind: "switch", needs: { associate_resource: "CEN" } },
    { name: "propagate_to_default_route_table", kind: "switch", needs: { associate_resource: "CEN" } },
    { name: "tags", kind: "tags" },
    { name: "tunnel2_customer_gateway", kind: "select", htmlName: "tunnel2-customer_gateway", needs: { tunnels: "2" } },
    { name: "tunnel2_psk", kind: "secret", htmlName: "tunnel2-psk", needs: { tunnels: "2" } },
    { name: "tunnel2_ike_version", kind: "select", htmlName: "tunnel2-ike_version", needs: { tunnels: "2" } },
    { name: "tunnel2_ike_mode", kind: "select", htmlName: "tunnel2-ike_mode", needs: { tunnels: "2" } },
    { name: "tunnel2_ike_enc_alg", kind: "select", htmlName: "tunnel2-ike_enc_alg", needs: { tunnels: "2" } },
    { name: "tunnel2_ike_auth_alg", kind: "select", htmlName: "tunnel2-ike_auth_alg", needs: { tunnels: "2" } },
    { name: "tunnel2_ike_pfs", kind: "select", htmlName: "tunnel2-ike_pfs", needs: { tunnels: "2" } },
    { name: "tunnel2_ike_lifetime", kind: "text", htmlName: "tunnel2-ike_lifetime", needs: { tunnels: "2" } },
    { name: "tunnel2_local_id", kind: "text", htmlName: "tunnel2-local_id", needs: { tunnels: "2" } },
    { name: "tunnel2_remote_id", kind: "text", htmlName: "tunnel2-remote_id", needs: { tunnels: "2" } },
    { name: "tunnel2_ipsec_enc_alg", kind: "select", htmlName: "tunnel2-ipsec_enc_alg", needs: { tunnels: "2" } },
    { name: "tunnel2_ipsec_auth_alg", kind: "select", htmlName: "tunnel2-ipsec_auth_alg", needs: { tunnels: "2" } },
    { name: "tunnel2_ipsec_pfs", kind: "select", htmlName: "tunnel2-ipsec_pfs", needs: { tunnels: "2" } },
    { name: "tunnel2_ipsec_lifetime", kind: "text", htmlName: "tunnel2-ipsec_lifetime", needs: { tunnels: "2" } },
    { name: "tunnel2_enable_dpd", kind: "switch", htmlName: "tunnel2-enable_dpd", needs: { tunnels: "2" } },
    { name: "tunnel2_enable_nat_traversal", kind: "switch", htmlName: "tunnel2-enable_nat_traversal", needs: { tunnels: "2" } },
    { name: "tunnel2_tunnel_cidr", kind: "text", htmlName: "tunnel2-tunnel_cidr", needs: { enable_bgp: true, tunnels: "2" } },
    { name: "tunnel2_local_bgp_ip", kind: "text", htmlName: "tunnel2-local_bgp_ip", needs: { enable_bgp: true, tunnels: "2" } },
  ];
}

/** Values of ConnectionEditForm. */
export interface ConnectionEditValues {
  name?: string | undefined;
  associate_resource?: "NO_ASSOCIATED" | "CEN" | undefined;
  network_type?: "public" | "private" | undefined;
  cen?: string | undefined;
  transit_router?: string | undefined;
  zone?: string | undefined;
  routing_mode?: "destination" | "protected" | undefined;
  local_subnet?: readonly string[] | undefined;
  remote_subnet?: readonly string[] | undefined;
  effect_immediately?: "True" | "False" | undefined;
  customer_gateway?: string | undefined;
  psk?: string | undefined;
  enable_bgp?: boolean | undefined;
  local_asn?: number | string | undefined;
  ike_version?: "ikev1" | "ikev2" | undefined;
  ike_mode?: "main" | "aggressive" | undefined;
  ike_enc_alg?: "aes" | "aes192" | "aes256" | "des" | "3des" | undefined;
  ike_auth_alg?: "sha1" | "md5" | "sha256" | "sha384" | "sha512" | undefined;
  ike_pfs?: "group1" | "group2" | "group5" | "group14" | undefined;
  ike_lifetime?: number | string | undefined;
  local_id?: string | undefined;
  remote_id?: string | undefined;
  ipsec_enc_alg?: "aes" | "aes192" | "aes256" | "des" | "3des" | undefined;
  ipsec_auth_alg?: "sha1" | "md5" | "sha256" | "sha384" | "sha512" | undefined;
  ipsec_pfs?: "disabled" | "group1" | "group2" | "group5" | "group14" | undefined;
  ipsec_lifetime?: number | string | undefined;
  enable_dpd?: boolean | undefined;
  enable_nat_traversal?: boolean | undefined;
  tunnel_cidr?: string | undefined;
  local_bgp_ip?: string | undefined;
  health_check?: boolean | undefined;
  health_check_dip?: string | undefined;
  health_check_sip?: string | undefined;
  health_check_interval?: number | string | undefined;
  health_check_retry?: number | string | undefined;
  health_check_policy?: boolean | undefined;
  auto_publish_route_enabled?: boolean | undefined;
  associate_default_route_table?: boolean | undefined;
  propagate_to_default_route_table?: boolean | undefined;
  tags?: Readonly<Record<string, string>> | undefined;
  tunnel2_customer_gateway?: string | undefined;
  tunnel2_psk?: string | undefined;
  tunnel2_ike_version?: "ikev1" | "ikev2" | undefined;
  tunnel2_ike_mode?: "main" | "aggressive" | undefined;
  tunnel2_ike_enc_alg?: "aes" | "aes192" | "aes256" | "des" | "3des" | undefined;
  tunnel2_ike_auth_alg?: "sha1" | "md5" | "sha256" | "sha384" | "sha512" | undefined;
  tunnel2_ike_pfs?: "group1" | "group2" | "group5" | "group14" | undefined;
  tunnel2_ike_lifetime?: number | string | undefined;
  tunnel2_local_id?: string | undefined;
  tunnel2_remote_id?: string | undefined;
  tunnel2_ipsec_enc_alg?: "aes" | "aes192" | "aes256" | "des" | "3des" | undefined;
  tunnel2_ipsec_auth_alg?: "sha1" | "md5" | "sha256" | "sha384" | "sha512" | undefined;
  tunnel2_ipsec_pfs?: "disabled" | "group1" | "group2" | "group5" | "group14" | undefined;
  tunnel2_ipsec_lifetime?: number | string | undefined;
  tunnel2_enable_dpd?: boolean | undefined;
  tunnel2_enable_nat_traversal?: boolean | undefined;
  tunnel2_tunnel_cidr?: string | undefined;
  tunnel2_local_bgp_ip?: string | undefined;
}

/** A stored connection: `edit` on its page. */
export class ConnectionEditForm extends Form<ConnectionEditValues> {
  static override readonly FIELDS: readonly Field[] = [
    { name: "name", kind: "text" },
    { name: "associate_resource", kind: "radio" },
    { name: "network_type", kind: "radio" },
    { name: "cen", kind: "select", needs: { associate_resource: "CEN" }, after: ["resource_group"] },
    { name: "transit_router", kind: "select", needs: { associate_resource: "CEN" }, after: ["cen"] },
    { name: "zone", kind: "select", needs: { associate_resource: "CEN" }, after: ["transit_router"] },
    { name: "routing_mode", kind: "radio" },
    { name: "local_subnet", kind: "rows", needs: { routing_mode: "protected" } },
    { name: "remote_subnet", kind: "rows", needs: { routing_mode: "protected" } },
    { name: "effect_immediately", kind: "radio" },
    { name: "customer_gateway", kind: "select", htmlName: "tunnel1-customer_gateway" },
    { name: "psk", kind: "secret", htmlName: "tunnel1-psk" },
    { name: "enable_bgp", kind: "switch" },
    { name: "local_asn", kind: "text", needs: { enable_bgp: true } },
    { name: "ike_version", kind: "select", htmlName: "tunnel1-ike_version" },
    { name: "ike_mode", kind: "select", htmlName: "tunnel1-ike_mode" },
    { name: "ike_enc_alg", kind: "select", htmlName: "tunnel1-ike_enc_alg" },
    { name: "ike_auth_alg", kind: "select", htmlName: "tunnel1-ike_auth_alg" },
    { name: "ike_pfs", kind: "select", htmlName: "tunnel1-ike_pfs" },
    { name: "ike_lifetime", kind: "text", htmlName: "tunnel1-ike_lifetime" },
    { name: "local_id", kind: "text", htmlName: "tunnel1-local_id" },
    { name: "remote_id", kind: "text", htmlName: "tunnel1-remote_id" },
    { name: "ipsec_enc_alg", kind: "select", htmlName: "tunnel1-ipsec_enc_alg" },
    { name: "ipsec_auth_alg", kind: "select", htmlName: "tunnel1-ipsec_auth_alg" },
    { name: "ipsec_pfs", kind: "select", htmlName: "tunnel1-ipsec_pfs" },
    { name: "ipsec_lifetime", kind: "text", htmlName: "tunnel1-ipsec_lifetime" },
    { name: "enable_dpd", kind: "switch", htmlName: "tunnel1-enable_dpd" },
    { name: "enable_nat_traversal", kind: "switch", htmlName: "tunnel1-enable_nat_traversal" },
    { name: "tunnel_cidr", kind: "text", htmlName: "tunnel1-tunnel_cidr", needs: { enable_bgp: true } },
    { name: "local_bgp_ip", kind: "text", htmlName: "tunnel1-local_bgp_ip", needs: { enable_bgp: true } },
    { name: "health_check", kind: "switch" },
    { name: "health_check_dip", kind: "text", needs: { health_check: true } },
    { name: "health_check_sip", kind: "text", needs: { health_check: true } },
    { name: "health_check_interval", kind: "text", needs: { health_check: true } },
    { name: "health_check_retry", kind: "text", needs: { health_check: true } },
    { name: "health_check_policy", kind: "switch", needs: { health_check: true } },
    { name: "auto_publish_route_enabled", kind: "switch", needs: { associate_resource: "CEN" } },
    { name: "associate_default_route_table", kind: "switch", needs: { associate_resource: "CEN" } },
    { name: "propagate_to_default_route_table", kind: "switch", needs: { associate_resource: "CEN" } },
    { name: "tags", kind: "tags" },
    { name: "tunnel2_customer_gateway", kind: "select", htmlName: "tunnel2-customer_gateway" },
    { name: "tunnel2_psk", kind: "secret", htmlName: "tunnel2-psk" },
    { name: "tunnel2_ike_version", kind: "select", htmlName: "tunnel2-ike_version" },
    { name: "tunnel2_ike_mode", kind: "select", htmlName: "tunnel2-ike_mode" },
    { name: "tunnel2_ike_enc_alg", kind: "select", htmlName: "tunnel2-ike_enc_alg" },
    { name: "tunnel2_ike_auth_alg", kind: "select", htmlName: "tunnel2-ike_auth_alg" },
    { name: "tunnel2_ike_pfs", kind: "select", htmlName: "tunnel2-ike_pfs" },
    { name: "tunnel2_ike_lifetime", kind: "text", htmlName: "tunnel2-ike_lifetime" },
    { name: "tunnel2_local_id", kind: "text", htmlName: "tunnel2-local_id" },
    { name: "tunnel2_remote_id", kind: "text", htmlName: "tunnel2-remote_id" },
    { name: "tunnel2_ipsec_enc_alg", kind: "select", htmlName: "tunnel2-ipsec_enc_alg" },
    { name: "tunnel2_ipsec_auth_alg", kind: "select", htmlName: "tunnel2-ipsec_auth_alg" },
    { name: "tunnel2_ipsec_pfs", kind: "select", htmlName: "tunnel2-ipsec_pfs" },
    { name: "tunnel2_ipsec_lifetime", kind: "text", htmlName: "tunnel2-ipsec_lifetime" },
    { name: "tunnel2_enable_dpd", kind: "switch", htmlName: "tunnel2-enable_dpd" },
    { name: "tunnel2_enable_nat_traversal", kind: "switch", htmlName: "tunnel2-enable_nat_traversal" },
    { name: "tunnel2_tunnel_cidr", kind: "text", htmlName: "tunnel2-tunnel_cidr", needs: { enable_bgp: true } },
    { name: "tunnel2_local_bgp_ip", kind: "text", htmlName: "tunnel2-local_bgp_ip", needs: { enable_bgp: true } },
  ];
}

/** Values of TunnelEditForm. */
export interface TunnelEditValues {
  customer_gateway?: string | undefined;
  psk?: string | undefined;
  ike_version?: "ikev1" | "ikev2" | undefined;
  ike_mode?: "main" | "aggressive" | undefined;
  ike_enc_alg?: "aes" | "aes192" | "aes256" | "des" | "3des" | undefined;
  ike_auth_alg?: "sha1" | "md5" | "sha256" | "sha384" | "sha512" | undefined;
  ike_pfs?: "group1" | "group2" | "group5" | "group14" | undefined;
  ike_lifetime?: number | string | undefined;
  local_id?: string | undefined;
  remote_id?: string | undefined;
  ipsec_enc_alg?: "aes" | "aes192" | "aes256" | "des" | "3des" | undefined;
  ipsec_auth_alg?: "sha1" | "md5" | "sha256" | "sha384" | "sha512" | undefined;
  ipsec_pfs?: "disabled" | "group1" | "group2" | "group5" | "group14" | undefined;
  ipsec_lifetime?: number | string | undefined;
  enable_dpd?: boolean | undefined;
  enable_nat_traversal?: boolean | undefined;
  tunnel_cidr?: string | undefined;
  local_bgp_ip?: string | undefined;
}

/** One of two tunnels: `tunnel-{id}-edit`. Test ids of the second begin with `tunnel2-`. */
export class TunnelEditForm extends TunnelForm<TunnelEditValues> {
  static override readonly FIELDS: readonly Field[] = [
    { name: "customer_gateway", kind: "select", htmlName: "tunnel1-customer_gateway" },
    { name: "psk", kind: "secret", htmlName: "tunnel1-psk" },
    { name: "ike_version", kind: "select", htmlName: "tunnel1-ike_version" },
    { name: "ike_mode", kind: "select", htmlName: "tunnel1-ike_mode" },
    { name: "ike_enc_alg", kind: "select", htmlName: "tunnel1-ike_enc_alg" },
    { name: "ike_auth_alg", kind: "select", htmlName: "tunnel1-ike_auth_alg" },
    { name: "ike_pfs", kind: "select", htmlName: "tunnel1-ike_pfs" },
    { name: "ike_lifetime", kind: "text", htmlName: "tunnel1-ike_lifetime" },
    { name: "local_id", kind: "text", htmlName: "tunnel1-local_id" },
    { name: "remote_id", kind: "text", htmlName: "tunnel1-remote_id" },
    { name: "ipsec_enc_alg", kind: "select", htmlName: "tunnel1-ipsec_enc_alg" },
    { name: "ipsec_auth_alg", kind: "select", htmlName: "tunnel1-ipsec_auth_alg" },
    { name: "ipsec_pfs", kind: "select", htmlName: "tunnel1-ipsec_pfs" },
    { name: "ipsec_lifetime", kind: "text", htmlName: "tunnel1-ipsec_lifetime" },
    { name: "enable_dpd", kind: "switch", htmlName: "tunnel1-enable_dpd" },
    { name: "enable_nat_traversal", kind: "switch", htmlName: "tunnel1-enable_nat_traversal" },
    { name: "tunnel_cidr", kind: "text", htmlName: "tunnel1-tunnel_cidr", needs: { enable_bgp: true } },
    { name: "local_bgp_ip", kind: "text", htmlName: "tunnel1-local_bgp_ip", needs: { enable_bgp: true } },
  ];
}

/** Values of CustomerGatewayForm. */
export interface CustomerGatewayValues {
  name?: string | undefined;
  ip_address?: string | undefined;
  asn?: number | string | undefined;
  auth_key?: string | undefined;
  description?: string | undefined;
  resource_group?: string | undefined;
  tags?: Readonly<Record<string, string>> | undefined;
}

/** A new customer gateway. */
export class CustomerGatewayForm extends Form<CustomerGatewayValues> {
  static override readonly FIELDS: readonly Field[] = [
    { name: "name", kind: "text" },
    { name: "ip_address", kind: "text" },
    { name: "asn", kind: "text" },
    { name: "auth_key", kind: "secret" },
    { name: "description", kind: "text" },
    { name: "resource_group", kind: "select" },
    { name: "tags", kind: "tags" },
  ];
}

/** Values of CustomerGatewayEditForm. */
export interface CustomerGatewayEditValues {
  name?: string | undefined;
  description?: string | undefined;
  auth_key?: string | undefined;
  clear_auth_key?: boolean | undefined;
}

/** A stored customer gateway: `edit` on its page. */
export class CustomerGatewayEditForm extends Form<CustomerGatewayEditValues> {
  static override readonly FIELDS: readonly Field[] = [
    { name: "name", kind: "text" },
    { name: "description", kind: "text" },
    { name: "auth_key", kind: "secret" },
    { name: "clear_auth_key", kind: "switch" },
  ];
}

/** Values of CenForm. */
export interface CenValues {
  name?: string | undefined;
  description?: string | undefined;
  resource_group?: string | undefined;
  tags?: Readonly<Record<string, string>> | undefined;
}

/** A new CEN instance. */
export class CenForm extends Form<CenValues> {
  static override readonly FIELDS: readonly Field[] = [
    { name: "name", kind: "text" },
    { name: "description", kind: "text" },
    { name: "resource_group", kind: "select" },
    { name: "tags", kind: "tags" },
  ];
}

/** Values of TransitRouterForm. */
export interface TransitRouterValues {
  region_id?: "cn-hangzhou" | "cn-shanghai" | "cn-nanjing" | "cn-fuzhou" | "cn-shenzhen" | "cn-heyuan" | "cn-guangzhou" | "cn-qingdao" | "cn-beijing" | "cn-zhangjiakou" | "cn-huhehaote" | "cn-wulanchabu" | "cn-chengdu" | "cn-hongkong" | "ap-southeast-1" | "ap-southeast-3" | "ap-southeast-5" | "ap-southeast-6" | "ap-southeast-7" | "ap-northeast-1" | "ap-northeast-2" | "eu-central-1" | "eu-west-1" | "us-east-1" | "us-west-1" | "us-southeast-1" | "na-south-1" | "me-east-1" | "me-central-1" | undefined;
  name?: string | undefined;
  description?: string | undefined;
  tags?: Readonly<Record<string, string>> | undefined;
  cidrs?: readonly string[] | undefined;
}

/** A transit router: `router-create` on a CEN's page. */
export class TransitRouterForm extends Form<TransitRouterValues> {
  static override readonly FIELDS: readonly Field[] = [
    { name: "region_id", kind: "select" },
    { name: "name", kind: "text" },
    { name: "description", kind: "text" },
    { name: "tags", kind: "tags" },
    { name: "cidrs", kind: "rows" },
  ];
}

/** Values of RouterCidrForm. */
export interface RouterCidrValues {
  cidr?: string | undefined;
  name?: string | undefined;
  description?: string | undefined;
  publish_cidr_route?: boolean | undefined;
}

/** A CIDR block of a transit router: `cidr-create`. */
export class RouterCidrForm extends Form<RouterCidrValues> {
  static override readonly FIELDS: readonly Field[] = [
    { name: "cidr", kind: "text" },
    { name: "name", kind: "text" },
    { name: "description", kind: "text" },
    { name: "publish_cidr_route", kind: "switch" },
  ];
}

/** Values of AttachForm. */
export interface AttachValues {
  name?: string | undefined;
  zone?: string | undefined;
  auto_publish_route_enabled?: boolean | undefined;
  associate_default_route_table?: boolean | undefined;
  propagate_to_default_route_table?: boolean | undefined;
  resource_owner?: "current" | "different" | undefined;
  owner_uid?: string | undefined;
  connection?: string | undefined;
}

/** `router-attach` on a transit router's page. */
export class AttachForm extends Form<AttachValues> {
  static override readonly FIELDS: readonly Field[] = [
    { name: "name", kind: "text" },
    { name: "zone", kind: "select" },
    { name: "auto_publish_route_enabled", kind: "switch" },
    { name: "associate_default_route_table", kind: "switch" },
    { name: "propagate_to_default_route_table", kind: "switch" },
    { name: "resource_owner", kind: "radio" },
    { name: "owner_uid", kind: "text", needs: { resource_owner: "different" } },
    { name: "connection", kind: "select", after: ["resource_owner", "owner_uid"] },
  ];
}

/** Values of AuthorizationForm. */
export interface AuthorizationValues {
  peer_uid?: string | undefined;
  peer_cen_id?: string | undefined;
  order_type?: "PayByCenOwner" | "PayByResourceOwner" | undefined;
}

/** `authorize` on a connection's page. */
export class AuthorizationForm extends Form<AuthorizationValues> {
  static override readonly FIELDS: readonly Field[] = [
    { name: "peer_uid", kind: "text" },
    { name: "peer_cen_id", kind: "text" },
    { name: "order_type", kind: "radio" },
  ];
}

/** Values of RouteForm. */
export interface RouteValues {
  destination?: string | undefined;
  weight?: "100" | "0" | undefined;
  description?: string | undefined;
}

/** A route of a connection: `route-create`. */
export class RouteForm extends Form<RouteValues> {
  static override readonly FIELDS: readonly Field[] = [
    { name: "destination", kind: "text" },
    { name: "weight", kind: "select" },
    { name: "description", kind: "text" },
  ];
}

/** Values of RouteTableForm. */
export interface RouteTableValues {
  name?: string | undefined;
  description?: string | undefined;
}

/** A route table: `route-table-create`. */
export class RouteTableForm extends Form<RouteTableValues> {
  static override readonly FIELDS: readonly Field[] = [
    { name: "name", kind: "text" },
    { name: "description", kind: "text" },
  ];
}

/** Values of TagsForm. */
export interface TagsValues {
  tags?: Readonly<Record<string, string>> | undefined;
}

/** Tags of a resource: `edit-tags`. */
export class TagsForm extends Form<TagsValues> {
  static override readonly FIELDS: readonly Field[] = [
    { name: "tags", kind: "tags" },
  ];
}

/** Values of DeviceForm. */
export interface DeviceValues {
  address?: string | undefined;
  peer_address?: string | undefined;
  is_behind_nat?: boolean | undefined;
  starts?: "itself" | "traffic" | "never" | undefined;
  ike_version?: readonly ("ikev1" | "ikev2")[] | undefined;
  ike_mode?: "main" | "aggressive" | undefined;
  ike_enc_alg?: readonly ("aes" | "aes192" | "aes256" | "des" | "3des")[] | undefined;
  ike_auth_alg?: readonly ("sha1" | "md5" | "sha256" | "sha384" | "sha512")[] | undefined;
  ike_pfs?: readonly ("group1" | "group2" | "group5" | "group14")[] | undefined;
  ike_lifetime?: number | string | undefined;
  psk?: string | undefined;
  local_id?: string | undefined;
  local_id_kind?: "address" | "fqdn" | "email" | undefined;
  remote_id?: string | undefined;
  remote_id_kind?: "address" | "fqdn" | "email" | undefined;
  local_subnet?: readonly string[] | undefined;
  remote_subnet?: readonly string[] | undefined;
  ipsec_enc_alg?: readonly ("aes" | "aes192" | "aes256" | "des" | "3des")[] | undefined;
  ipsec_auth_alg?: readonly ("sha1" | "md5" | "sha256" | "sha384" | "sha512")[] | undefined;
  ipsec_pfs?: readonly ("disabled" | "group1" | "group2" | "group5" | "group14")[] | undefined;
  ipsec_lifetime?: number | string | undefined;
  ipsec_kilobytes?: number | string | undefined;
  enable_dpd?: boolean | undefined;
  enable_nat_traversal?: boolean | undefined;
  uses_ah?: boolean | undefined;
  uses_transport_mode?: boolean | undefined;
  enable_bgp?: boolean | undefined;
  local_asn?: number | string | undefined;
  local_bgp_ip?: string | undefined;
  peer_asn?: number | string | undefined;
  peer_bgp_ip?: string | undefined;
  auth_key?: string | undefined;
  hold_time?: number | string | undefined;
  router_id?: string | undefined;
  bgp_source_ip?: string | undefined;
  bgp_port_open?: boolean | undefined;
  bgp_exports?: boolean | undefined;
  announced?: readonly string[] | undefined;
  udp_500_open?: boolean | undefined;
  udp_4500_open?: boolean | undefined;
  esp_open?: boolean | undefined;
  loss?: number | string | undefined;
  mtu?: number | string | undefined;
  clamps_mss?: boolean | undefined;
  has_source_nat?: boolean | undefined;
  probe_host_answers?: boolean | undefined;
  probe_allowed?: boolean | undefined;
  probe_routed_back?: boolean | undefined;
  probe_same_path?: boolean | undefined;
  rekeys?: boolean | undefined;
  narrows?: boolean | undefined;
  sa_per_pair?: boolean | undefined;
  is_policy_based?: boolean | undefined;
  commit_bit?: boolean | undefined;
  has_odd_hash?: boolean | undefined;
  has_odd_dpd?: boolean | undefined;
  clear_psk?: boolean | undefined;
  clear_auth_key?: boolean | undefined;
}

/** A simulated device: `device-edit`. */
export class DeviceForm extends Form<DeviceValues> {
  static override readonly FIELDS: readonly Field[] = [
    { name: "address", kind: "text" },
    { name: "peer_address", kind: "text" },
    { name: "is_behind_nat", kind: "switch" },
    { name: "starts", kind: "select" },
    { name: "ike_version", kind: "selects" },
    { name: "ike_mode", kind: "select", needs: { ike_version: "ikev1" } },
    { name: "ike_enc_alg", kind: "selects" },
    { name: "ike_auth_alg", kind: "selects" },
    { name: "ike_pfs", kind: "selects" },
    { name: "ike_lifetime", kind: "text" },
    { name: "psk", kind: "secret" },
    { name: "local_id", kind: "text" },
    { name: "local_id_kind", kind: "select" },
    { name: "remote_id", kind: "text" },
    { name: "remote_id_kind", kind: "select" },
    { name: "local_subnet", kind: "rows" },
    { name: "remote_subnet", kind: "rows" },
    { name: "ipsec_enc_alg", kind: "selects" },
    { name: "ipsec_auth_alg", kind: "selects" },
    { name: "ipsec_pfs", kind: "selects" },
    { name: "ipsec_lifetime", kind: "text" },
    { name: "ipsec_kilobytes", kind: "text" },
    { name: "enable_dpd", kind: "switch" },
    { name: "enable_nat_traversal", kind: "switch" },
    { name: "uses_ah", kind: "switch" },
    { name: "uses_transport_mode", kind: "switch" },
    { name: "enable_bgp", kind: "switch" },
    { name: "local_asn", kind: "text", needs: { enable_bgp: true } },
    { name: "local_bgp_ip", kind: "text", needs: { enable_bgp: true } },
    { name: "peer_asn", kind: "text", needs: { enable_bgp: true } },
    { name: "peer_bgp_ip", kind: "text", needs: { enable_bgp: true } },
    { name: "auth_key", kind: "secret", needs: { enable_bgp: true } },
    { name: "hold_time", kind: "text", needs: { enable_bgp: true } },
    { name: "router_id", kind: "text", needs: { enable_bgp: true } },
    { name: "bgp_source_ip", kind: "text", needs: { enable_bgp: true } },
    { name: "bgp_port_open", kind: "switch", needs: { enable_bgp: true } },
    { name: "bgp_exports", kind: "switch", needs: { enable_bgp: true } },
    { name: "announced", kind: "rows", needs: { enable_bgp: true } },
    { name: "udp_500_open", kind: "switch" },
    { name: "udp_4500_open", kind: "switch" },
    { name: "esp_open", kind: "switch" },
    { name: "loss", kind: "text" },
    { name: "mtu", kind: "text" },
    { name: "clamps_mss", kind: "switch" },
    { name: "has_source_nat", kind: "switch" },
    { name: "probe_host_answers", kind: "switch" },
    { name: "probe_allowed", kind: "switch" },
    { name: "probe_routed_back", kind: "switch" },
    { name: "probe_same_path", kind: "switch" },
    { name: "rekeys", kind: "switch" },
    { name: "narrows", kind: "switch" },
    { name: "sa_per_pair", kind: "switch" },
    { name: "is_policy_based", kind: "switch" },
    { name: "commit_bit", kind: "switch" },
    { name: "has_odd_hash", kind: "switch" },
    { name: "has_odd_dpd", kind: "switch", needs: { ike_version: "ikev1" } },
    { name: "clear_psk", kind: "switch" },
    { name: "clear_auth_key", kind: "switch" },
  ];
}

/** Values of MemberForm. */
export interface MemberValues {
  username?: string | undefined;
  first_name?: string | undefined;
  last_name?: string | undefined;
  role?: "administrator" | "operator" | "read_only" | undefined;
  password?: string | undefined;
}

/** A new member of the account. */
export class MemberForm extends Form<MemberValues> {
  static override readonly FIELDS: readonly Field[] = [
    { name: "username", kind: "text" },
    { name: "first_name", kind: "text" },
    { name: "last_name", kind: "text" },
    { name: "role", kind: "select" },
    { name: "password", kind: "secret" },
  ];
}

/** Values of AccessKeyForm. */
export interface AccessKeyValues {
  user?: string | undefined;
}

/** A new access key. */
export class AccessKeyForm extends Form<AccessKeyValues> {
  static override readonly FIELDS: readonly Field[] = [
    { name: "user", kind: "select" },
  ];
}

/** Codes of ConnectionView. */
export interface ConnectionCodes {
  readonly state: ConnectionState;
  readonly status: TunnelStatus;
}

/** The page of a connection. */
export class ConnectionView extends Details<ConnectionCodes> {
  static override readonly VALUES: readonly Value[] = [
    { name: "state", testid: "state", attribute: "data-state" },
    { name: "status", testid: "status", attribute: "data-status" },
  ];

  /** Its attribute `data-state` has the code: the state of the connection. */
  get state(): Locator {
    return this.element("state");
  }

  /** Its attribute `data-status` has the code: how far the negotiation has come. */
  get status(): Locator {
    return this.element("status");
  }
}

/** Codes of TunnelView. */
export interface TunnelCodes {
  readonly status: TunnelStatus;
  readonly code: TunnelCode;
  readonly bgp: BgpState;
  readonly health: HealthStatus;
}

/** A tunnel of a connection, on the tab of its tunnels. */
export class TunnelView extends View<TunnelCodes> {
  static override readonly VALUES: readonly Value[] = [
    { name: "status", testid: "{stem}-status", attribute: "data-status" },
    { name: "code", testid: "{stem}-code", attribute: "data-code" },
    { name: "bgp", testid: "{stem}-bgp", attribute: "data-bgp" },
    { name: "health", testid: "{stem}-health", attribute: "data-health" },
  ];

  /** Its attribute `data-status` has the code: how far the negotiation has come. */
  get status(): Locator {
    return this.element("status");
  }

  /** Its attribute `data-code` has the code: why it has failed, for some minutes. */
  get code(): Locator {
    return this.element("code");
  }

  /** Its attribute `data-bgp` has the code: the state of the BGP session; blank without BGP. */
  get bgp(): Locator {
    return this.element("bgp");
  }

  /** Its attribute `data-health` has the code: the last result of the health check. */
  get health(): Locator {
    return this.element("health");
  }
}

/** Codes of DeviceView. */
export interface DeviceCodes {
  readonly status: TunnelStatus;
  readonly code: TunnelCode;
  readonly configured: YesNo;
  readonly power: YesNo;
  readonly line: YesNo;
}

/** The simulated device of a tunnel. */
export class DeviceView extends Details<DeviceCodes> {
  static override readonly VALUES: readonly Value[] = [
    { name: "status", testid: "device-tunnel-status", attribute: "data-status" },
    { name: "code", testid: "device-tunnel-code", attribute: "data-code" },
    { name: "configured", testid: "value-is_configured", attribute: "data-value" },
    { name: "power", testid: "value-is_on", attribute: "data-value" },
    { name: "line", testid: "value-has_line", attribute: "data-value" },
  ];

  /** Its attribute `data-status` has the code: how far the negotiation has come. */
  get status(): Locator {
    return this.element("status");
  }

  /** Its attribute `data-code` has the code: why it has failed, for some minutes. */
  get code(): Locator {
    return this.element("code");
  }

  /** Its attribute `data-value` has the code: whether it was configured. */
  get configured(): Locator {
    return this.element("configured");
  }

  /** Its attribute `data-value` has the code: whether it is on. */
  get power(): Locator {
    return this.element("power");
  }

  /** Its attribute `data-value` has the code: whether it has a line. */
  get line(): Locator {
    return this.element("line");
  }
}

/** Codes of ReportView. */
export interface ReportCodes {
  readonly status: TunnelStatus;
  readonly code: TunnelCode;
}

/** What the diagnosis has found about a tunnel. */
export class ReportView extends View<ReportCodes> {
  static override readonly VALUES: readonly Value[] = [
    { name: "status", testid: "{stem}-result", attribute: "data-status" },
    { name: "code", testid: "{stem}-result", attribute: "data-code" },
  ];

  /** Its attribute `data-status` has the code: how far the negotiation has come. */
  get status(): Locator {
    return this.element("status");
  }

  /** Its attribute `data-code` has the code: why it has failed, for some minutes. */
  get code(): Locator {
    return this.element("code");
  }
}
