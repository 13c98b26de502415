"""The API's vocabulary."""

from connections.api.actions import ACTIONS
from connections.as_code.events import OPERATIONS
from connections.domain import sections
from connections.wire import groups
from connections.wire.operations import Operation

SIMULATED = (
    "_DEVICE", "_DEVICE_CONFIGURATION", "_DEVICE_ON", "_DEVICE_OFF", "_LINE", "_TRAFFIC", "RESET_TUNNEL",
)  # fmt: skip


def test_the_four_objects_have_the_documented_keys():
    """[P132]"""
    written = {group.name: tuple(group.keys.values()) for group in groups.GROUPS}
    assert written == {
        "IkeConfig": ("Psk", "IkeVersion", "IkeMode", "IkeEncAlg", "IkeAuthAlg", "IkePfs", "IkeLifetime", "LocalId",
                      "RemoteId"),
        "IpsecConfig": ("IpsecEncAlg", "IpsecAuthAlg", "IpsecPfs", "IpsecLifetime"),
        "BgpConfig": ("EnableBgp", "LocalAsn", "TunnelCidr", "LocalBgpIp"),
        "HealthCheckConfig": ("enable", "dip", "sip", "interval", "retry", "Policy"),
    }  # fmt: skip


def test_every_field_of_the_health_check_has_a_key():
    assert tuple(groups.HEALTH_CHECK.keys) == sections.HEALTH_CHECK.fields


def test_keys_of_answers_are_capitalized():
    values = {"health_check_policy": "revoke_route", "health_check": "true", "name": "not of this object"}
    assert groups.HEALTH_CHECK.answered(values) == {"Enable": "true", "Policy": "revoke_route"}
    assert groups.HEALTH_CHECK.written(values) == {"enable": "true", "Policy": "revoke_route"}


def test_every_operation_is_served_or_only_recorded():
    served = {name for _, name in ACTIONS}
    recorded = {
        operation for operation in Operation if operation.name.endswith(("_USER", "_KEY", "_ROLE", "_PASSWORD"))
    }
    # What people do with simulated devices, which the product does not have.
    simulated = {operation for operation in Operation if operation.name.endswith(SIMULATED)}
    others = {Operation.IMPORT_RESOURCES, Operation.MODIFY_ACCOUNT_SETTINGS, *simulated}
    assert served | recorded | others == set(Operation)
    assert not served & (recorded | others)
    assert served >= OPERATIONS
