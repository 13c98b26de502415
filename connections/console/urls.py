"""The console's URLs. Those of regional pages begin with the region, so that links can be shared."""

from django.urls import include, path, register_converter

from connections.console.access import personal
from connections.console.views import (
    access_keys,
    accounts,
    api,
    as_code,
    attachments,
    authorizations,
    bgp_routes,
    cens,
    choices,
    connections,
    customer_gateways,
    devices,
    diagnosis,
    events,
    home,
    logs,
    members,
    monitoring,
    overview,
    palette,
    peer_config,
    preferences,
    regions,
    resource_groups,
    resources,
    route_tables,
    routes,
    tags,
    topology,
    tunnels,
)
from connections.domain.regions import ALL_REGIONS, REGIONS


class RegionConverter:
    """The ID of a known region."""

    regex = "|".join(REGIONS)

    def to_python(self, value):
        return value

    def to_url(self, value):
        return value


class EverywhereConverter(RegionConverter):
    """All regions."""

    regex = ALL_REGIONS.id


register_converter(RegionConverter, "region")
register_converter(EverywhereConverter, "everywhere")


def kept(at: str, stem: str) -> list:
    """The URLs of a list's saved filters and export."""
    page = {"page": f"{stem}-list"}
    return [
        path(f"{at}filters/create/", preferences.saved_filter_create, page, name=f"{stem}-filter-create"),
        path(f"{at}filters/", preferences.saved_filters, page, name=f"{stem}-filters"),
        path(f"{at}export/", preferences.list_export, page, name=f"{stem}-export"),
    ]


DEVICE = "connections/<str:connection_id>/tunnels/<str:tunnel_id>/device/"

# The lists of a region, or of all.
listed = [
    path("connections/", connections.connection_list, name="connection-list"),
    path("connections/columns/", preferences.columns_choose, name="columns-choose"),
    *kept("connections/", "connection"),
    path("connections/delete/", connections.connections_delete, name="connections-delete"),
    path("connections/tags/", tags.connections_tags, name="connections-tags"),
    path("connections/peer-configurations/", peer_config.connections_peer_config, name="connections-peer-config"),
    path("choices/<str:kind>/", choices.choices, name="choices"),
    path("customer-gateways/", customer_gateways.customer_gateway_list, name="customer-gateway-list"),
    *kept("customer-gateways/", "customer-gateway"),
]
regional = [
    *listed,
    path("connections/create/", connections.connection_create, name="connection-create"),
    path("connections/create/code/", as_code.connection_create_code, name="connection-create-code"),
    path("connections/create/fields/<str:name>/", connections.connection_fields, name="connection-fields"),
    path("connections/<str:connection_id>/", connections.connection_detail, name="connection-detail"),
    path("connections/<str:connection_id>/code/", as_code.connection_code, name="connection-code"),
    path("connections/<str:connection_id>/modify/", connections.connection_modify, name="connection-modify"),
    path(
        "connections/<str:connection_id>/peer-configuration/",
        peer_config.connection_peer_config,
        name="connection-peer-config",
    ),
    path(
        "connections/<str:connection_id>/peer-configuration/text/",
        peer_config.connection_peer_config_text,
        name="connection-peer-config-text",
    ),
    path(
        "connections/<str:connection_id>/peer-configuration/download/",
        peer_config.connection_peer_config_download,
        name="connection-peer-config-download",
    ),
    path(
        "connections/<str:connection_id>/modify/fields/<str:name>/",
        connections.connection_modify_fields,
        name="connection-modify-fields",
    ),
    path(
        "connections/<str:connection_id>/tunnels/<str:tunnel_id>/modify/",
        connections.tunnel_modify,
        name="tunnel-modify",
    ),
    path(
        "connections/<str:connection_id>/tunnels/<str:tunnel_id>/modify/fields/<str:name>/",
        connections.tunnel_modify_fields,
        name="tunnel-modify-fields",
    ),
    path("connections/<str:connection_id>/delete/", connections.connection_delete, name="connection-delete"),
    path("connections/<str:connection_id>/bgp-routes/", bgp_routes.connection_bgp_routes, name="connection-bgp-routes"),
    path("connections/<str:connection_id>/tunnels/", tunnels.connection_tunnels, name="connection-tunnels"),
    path("connections/<str:connection_id>/diagnosis/", diagnosis.connection_diagnosis, name="connection-diagnosis"),
    path(
        "connections/<str:connection_id>/tunnels/<str:tunnel_id>/error/",
        tunnels.tunnel_error,
        name="tunnel-error",
    ),
    path("connections/<str:connection_id>/events/", connections.connection_events, name="connection-events"),
    path("connections/<str:connection_id>/logs/", logs.connection_logs, name="connection-logs"),
    path("connections/<str:connection_id>/logs/new/", logs.connection_logs_new, name="connection-logs-new"),
    path("connections/<str:connection_id>/logs/export/", logs.connection_logs_export, name="connection-logs-export"),
    path("connections/<str:connection_id>/monitoring/", monitoring.connection_monitoring, name="connection-monitoring"),
    path("connections/<str:connection_id>/routes/create/", routes.route_create, name="route-create"),
    path("connections/<str:connection_id>/routes/weight/", routes.route_weight, name="route-weight"),
    path("connections/<str:connection_id>/routes/delete/", routes.route_delete, name="route-delete"),
    path(
        "connections/<str:connection_id>/authorizations/",
        connections.connection_authorizations,
        name="connection-authorizations",
    ),
    path(
        "connections/<str:connection_id>/authorizations/create/",
        authorizations.authorization_create,
        name="authorization-create",
    ),
    path(
        "connections/<str:connection_id>/authorizations/<str:peer_cen_id>/payer/",
        authorizations.authorization_payer,
        name="authorization-payer",
    ),
    path(
        "connections/<str:connection_id>/authorizations/<str:peer_cen_id>/delete/",
        authorizations.authorization_delete,
        name="authorization-delete",
    ),
    path("connections/<str:connection_id>/routes/", connections.connection_routes, name="connection-routes"),
    path("connections/<str:connection_id>/tags/", connections.connection_tags, name="connection-tags"),
    path("connections/<str:connection_id>/row/", connections.connection_row, name="connection-row"),
    path("connections/<str:connection_id>/menu/", connections.connection_menu, name="connection-menu"),
    path("connections/<str:connection_id>/attach/", connections.connection_attach, name="connection-attach"),
    path(
        "connections/<str:connection_id>/steps/dismiss/",
        connections.connection_steps_dismiss,
        name="connection-steps-dismiss",
    ),
    path("connections/<str:connection_id>/detach/", attachments.connection_detach, name="connection-detach"),
    path("connections/<str:connection_id>/header/", connections.connection_header, name="connection-header"),
    path(DEVICE, devices.device_detail, name="device-detail"),
    path(f"{DEVICE}status/", devices.device_status, name="device-status"),
    path(f"{DEVICE}modify/", devices.device_modify, name="device-modify"),
    path(f"{DEVICE}modify/fields/<str:name>/", devices.device_modify_fields, name="device-modify-fields"),
    path(f"{DEVICE}psk/", devices.device_psk, name="device-psk"),
    path(f"{DEVICE}auth-key/", devices.device_auth_key, name="device-auth-key"),
    *(
        path(f"{DEVICE}{action}/", devices.device_action, {"action": action}, name=f"device-{action}")
        for action in devices.ACTIONS
    ),
    path("connections/<str:connection_id>/topology/", topology.connection_topology, name="connection-topology"),
    path("connections/<str:connection_id>/psk/", connections.connection_psk, name="connection-psk"),
    path("customer-gateways/create/", customer_gateways.customer_gateway_create, name="customer-gateway-create"),
    path(
        "customer-gateways/<str:gateway_id>/",
        customer_gateways.customer_gateway_detail,
        name="customer-gateway-detail",
    ),
    path("customer-gateways/<str:gateway_id>/code/", as_code.customer_gateway_code, name="customer-gateway-code"),
    path(
        "customer-gateways/<str:gateway_id>/key/",
        customer_gateways.customer_gateway_key,
        name="customer-gateway-key",
    ),
    path(
        "customer-gateways/<str:gateway_id>/modify/",
        customer_gateways.customer_gateway_modify,
        name="customer-gateway-modify",
    ),
    path(
        "customer-gateways/<str:gateway_id>/delete/",
        customer_gateways.customer_gateway_delete,
        name="customer-gateway-delete",
    ),
]

urlpatterns = [
    path("", overview.overview, name="home"),
    path("login/", accounts.SignInView.as_view(), name="login"),
    path("logout/", personal(accounts.SignOutView.as_view()), name="logout"),
    path("session/", accounts.session, name="session"),
    path("language/", accounts.set_language, name="set-language"),
    path("account/password/", members.own_password, name="own-password"),
    path("account/sign-out-everywhere/", members.own_sessions, name="own-sessions"),
    path("members/", members.member_list, name="member-list"),
    path("members/create/", members.member_create, name="member-create"),
    path("members/<str:username>/role/", members.member_role, name="member-role"),
    path("members/<str:username>/active/", members.member_active, name="member-active"),
    path("members/<str:username>/sign-out/", members.member_sign_out, name="member-sign-out"),
    path("resources/", resources.resources, name="resources"),
    path("resources/progress/", resources.resources_progress, name="resources-progress"),
    path("resources/export/", resources.resources_export, name="resources-export"),
    path("resources/export/keys/", resources.resources_export_keys, name="resources-export-keys"),
    path("demo/login-as/", accounts.login_as, name="login-as"),
    path("regions/", regions.regions, name="regions"),
    path("go-to/", palette.go_to, name="go-to"),
    path("shortcuts/", palette.shortcuts, name="shortcuts"),
    path("account/settings/", accounts.account_settings, name="account-settings"),
    path("service-linked-role/", accounts.service_linked_role, name="service-linked-role"),
    path("connections/", home.in_region, {"page": "connection-list"}),
    path("connections/create/", home.in_region, {"page": "connection-create"}),
    path("customer-gateways/", home.in_region, {"page": "customer-gateway-list"}),
    path("customer-gateways/create/", home.in_region, {"page": "customer-gateway-create"}),
    path("<region:region_id>/", include(regional)),
    path("<everywhere:region_id>/", include(listed)),
    path("cens/", cens.cen_list, name="cen-list"),
    path("cens/create/", cens.cen_create, name="cen-create"),
    *kept("cens/", "cen"),
    path("cens/<str:cen_id>/", cens.cen_detail, name="cen-detail"),
    path("cens/<str:cen_id>/code/", as_code.cen_code, name="cen-code"),
    path("cens/<str:cen_id>/status/", cens.cen_status, name="cen-status"),
    path("cens/<str:cen_id>/modify/", cens.cen_modify, name="cen-modify"),
    path("cens/<str:cen_id>/delete/", cens.cen_delete, name="cen-delete"),
    path("cens/<str:cen_id>/transit-routers/create/", cens.transit_router_create, name="transit-router-create"),
    path(
        "cens/<str:cen_id>/transit-routers/<str:router_id>/", cens.transit_router_detail, name="transit-router-detail"
    ),
    path(
        "cens/<str:cen_id>/transit-routers/<str:router_id>/code/",
        as_code.transit_router_code,
        name="transit-router-code",
    ),
    path(
        "cens/<str:cen_id>/transit-routers/<str:router_id>/topology/",
        topology.transit_router_topology,
        name="transit-router-topology",
    ),
    path(
        "cens/<str:cen_id>/transit-routers/<str:router_id>/status/",
        cens.transit_router_status,
        name="transit-router-status",
    ),
    path(
        "cens/<str:cen_id>/transit-routers/<str:router_id>/modify/",
        cens.transit_router_modify,
        name="transit-router-modify",
    ),
    path(
        "cens/<str:cen_id>/transit-routers/<str:router_id>/cidrs/create/",
        cens.router_cidr_create,
        name="router-cidr-create",
    ),
    path(
        "cens/<str:cen_id>/transit-routers/<str:router_id>/cidrs/<str:cidr_id>/modify/",
        cens.router_cidr_modify,
        name="router-cidr-modify",
    ),
    path(
        "cens/<str:cen_id>/transit-routers/<str:router_id>/cidrs/<str:cidr_id>/delete/",
        cens.router_cidr_delete,
        name="router-cidr-delete",
    ),
    path(
        "cens/<str:cen_id>/transit-routers/<str:router_id>/delete/",
        cens.transit_router_delete,
        name="transit-router-delete",
    ),
    path(
        "cens/<str:cen_id>/transit-routers/<str:router_id>/connections/",
        cens.transit_router_connections,
        name="transit-router-connections",
    ),
    path(
        "cens/<str:cen_id>/transit-routers/<str:router_id>/routes/",
        route_tables.transit_router_routes,
        name="transit-router-routes",
    ),
    path(
        "cens/<str:cen_id>/transit-routers/<str:router_id>/routes/create/",
        route_tables.route_table_create,
        name="route-table-create",
    ),
    path(
        "cens/<str:cen_id>/transit-routers/<str:router_id>/routes/<str:table_id>/",
        route_tables.route_table_detail,
        name="route-table-detail",
    ),
    path(
        "cens/<str:cen_id>/transit-routers/<str:router_id>/routes/<str:table_id>/code/",
        as_code.route_table_code,
        name="route-table-code",
    ),
    path(
        "cens/<str:cen_id>/transit-routers/<str:router_id>/routes/<str:table_id>/status/",
        route_tables.route_table_status,
        name="route-table-status",
    ),
    path(
        "cens/<str:cen_id>/transit-routers/<str:router_id>/routes/<str:table_id>/modify/",
        route_tables.route_table_modify,
        name="route-table-modify",
    ),
    path(
        "cens/<str:cen_id>/transit-routers/<str:router_id>/routes/<str:table_id>/delete/",
        route_tables.route_table_delete,
        name="route-table-delete",
    ),
    path(
        "cens/<str:cen_id>/transit-routers/<str:router_id>/events/",
        cens.transit_router_events,
        name="transit-router-events",
    ),
    path(
        "cens/<str:cen_id>/transit-routers/<str:router_id>/connections/create/",
        attachments.attachment_create,
        name="attachment-create",
    ),
    path(
        "cens/<str:cen_id>/transit-routers/<str:router_id>/connections/create/choices/",
        attachments.attachment_choices,
        name="attachment-choices",
    ),
    path(
        "cens/<str:cen_id>/transit-routers/<str:router_id>/connections/create/fields/<str:name>/",
        attachments.attachment_fields,
        name="attachment-fields",
    ),
    path(
        "cens/<str:cen_id>/transit-routers/<str:router_id>/connections/<str:attachment_id>/",
        attachments.attachment_detail,
        name="attachment-detail",
    ),
    path(
        "cens/<str:cen_id>/transit-routers/<str:router_id>/connections/<str:attachment_id>/code/",
        as_code.attachment_code,
        name="attachment-code",
    ),
    path(
        "cens/<str:cen_id>/transit-routers/<str:router_id>/connections/<str:attachment_id>/modify/",
        attachments.attachment_modify,
        name="attachment-modify",
    ),
    path(
        "cens/<str:cen_id>/transit-routers/<str:router_id>/connections/<str:attachment_id>/route-tables/",
        route_tables.attachment_tables,
        name="attachment-tables",
    ),
    path(
        "cens/<str:cen_id>/transit-routers/<str:router_id>/connections/<str:attachment_id>/delete/",
        attachments.attachment_delete,
        name="attachment-delete",
    ),
    path("access-keys/", access_keys.access_key_list, name="access-key-list"),
    path("access-keys/create/", access_keys.access_key_create, name="access-key-create"),
    path("access-keys/<str:key_id>/status/", access_keys.access_key_status, name="access-key-status"),
    path("access-keys/<str:key_id>/delete/", access_keys.access_key_delete, name="access-key-delete"),
    path("api/", api.api, name="api"),
    path("events/", events.event_list, name="event-list"),
    *kept("events/", "event"),
    path("events/<str:request_id>/code/", as_code.event_code, name="event-code"),
    path("resource-groups/<str:resource_id>/", resource_groups.resource_group, name="resource-group"),
    path("tags/suggestions/<str:what>/", tags.tag_suggestions, name="tag-suggestions"),
    path("tags/<str:resource_id>/", tags.resource_tags, name="resource-tags"),
]
