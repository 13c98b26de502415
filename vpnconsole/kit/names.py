"""What is in a world, by the names that people know."""

from collections.abc import Iterable
from typing import Any

from connections.models import Attachment, Cen, Connection, CustomerGateway, RouteTable, TransitRouter, User


def of_everything() -> dict[str, dict[str, dict[str, str]]]:
    """ID and address of every resource by kind and name. Of several with one name, the first.

    An attachment goes by the name of its connection.
    """
    attachments = Attachment.objects.living().select_related("connection")
    kinds: dict[str, Iterable[tuple[str, Any]]] = {
        "gateway": ((row.name, row) for row in CustomerGateway.objects.order_by("id")),
        "cen": ((row.name, row) for row in Cen.objects.order_by("id")),
        "router": ((row.name, row) for row in TransitRouter.objects.select_related("cen").order_by("id")),
        "route_table": ((row.name, row) for row in RouteTable.objects.exclude(name="").order_by("id")),
        "connection": ((row.name, row) for row in Connection.objects.order_by("id")),
        "attachment": ((row.connection.name, row) for row in attachments.order_by("id")),
    }
    found: dict[str, dict[str, dict[str, str]]] = {}
    for kind, rows in kinds.items():
        found[kind] = {}
        for name, row in rows:
            address = row.get_absolute_url() if hasattr(row, "get_absolute_url") else ""
            found[kind].setdefault(name, {"id": row.resource_id, "address": address})
    return found


def id_of(kind: str, name: str) -> str:
    """The ID of a resource, or with the kind `uid` that of the account of a member; the name if there is none."""
    if kind == "uid":
        return members().get(name, {}).get("uid", name)
    return of_everything().get(kind, {}).get(name, {}).get("id", name)


def below(prefix: str, found: dict[str, dict[str, dict[str, str]]]) -> dict[str, dict[str, dict[str, str]]]:
    """The same with addresses below BASE_PATH, which a template does not know."""
    return {
        kind: {
            name: {**one, "address": one["address"] and prefix.rstrip("/") + one["address"]}
            for name, one in rows.items()
        }
        for kind, rows in found.items()
    }


def members() -> dict[str, dict[str, str]]:
    """Every member by user name."""
    return {
        user.username: {
            "name": user.display_name, "role": user.role, "account": user.account.name, "uid": user.account.uid
        }
        for user in User.objects.select_related("account").order_by("id")
    }  # fmt: skip
