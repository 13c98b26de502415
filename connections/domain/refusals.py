"""Exceptions of services: invalid values, or a state that forbids the operation, each with a code and a message."""

from collections.abc import Iterable
from dataclasses import dataclass

from connections.domain.problems import MAX_PROBLEMS, Problem
from connections.domain.roles import Right
from connections.messages import Message, counted
from connections.messages import message as _


class Invalid(Exception):
    """Values that break rules. Nothing was saved."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = list(problems)
        if (more := len(self.problems) - MAX_PROBLEMS) > 0:
            said = counted("And {count} more problem.", "And {count} more problems.", more)
            self.problems[MAX_PROBLEMS:] = [Problem(self.problems[0].field, "more", said)]
        super().__init__("; ".join(f"{problem.field}: {problem.code}" for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a state forbids an operation: a stable code, and a sentence with the way out."""

    code: str
    sentence: Message


class Refused(Exception):
    """The operation is not possible now. Nothing was saved."""

    def __init__(self, reason: Reason, **facts: object):
        self.code = reason.code
        self.message = reason.sentence.filled(**facts)
        self.message.code = reason.code
        super().__init__(self.message)


BUSY = Reason("configuring", _("{what} is busy: {state}. Try again in a few seconds."))
ACCOUNT_IN_USE = Reason(
    "account_in_use",
    _("Others keep changing this account, so nothing was imported. Try again in a few minutes."),
)
CHANGED_MEANWHILE = Reason(
    "changed_meanwhile",
    _("Somebody else changed {what} after you opened this page. Check the values below and submit again."),
)
GATEWAY_IN_USE = Reason(
    "gateway_in_use",
    _("{what} is used by {count}: {examples}. Give these connections another customer gateway, or delete them, first."),
)
CEN_HAS_ROUTERS = Reason(
    "cen_has_transit_routers",
    _("{what} still has {count}: {examples}. Delete them first."),
)
ROUTER_HAS_ATTACHMENTS = Reason(
    "transit_router_has_attachments",
    _("{what} still carries {count}: {examples}. Detach these connections first."),
)
CIDR_IN_USE = Reason(
    "cidr_in_use",
    _("{what} gives gateway addresses to {count}: {examples}. Detach these connections first."),
)
ROUTER_HAS_TABLES = Reason(
    "transit_router_has_route_tables",
    _("{what} still has {count}: {examples}. Delete them first."),
)
TOO_MANY_TABLES = Reason(
    "too_many_route_tables",
    _("{what} has {maximum} custom route tables already, which is the most. Delete one first."),
)
DEFAULT_TABLE = Reason(
    "default_route_table",
    _("{what} is the default route table. It is deleted with its transit router."),
)
TABLE_IN_USE = Reason("route_table_in_use", _("{what} still has {count}. Remove them first."))
OTHER_ROUTERS_TABLE = Reason(
    "route_table_of_another_router",
    _("{table} is not a route table of the transit router to which {what} leads."),
)
ASSOCIATED = Reason(
    "associated",
    _("{what} is associated with {table}. Remove that association first."),
)
NOT_ASSOCIATED = Reason("not_associated", _("{what} is not associated with {table}."))
NOT_PROPAGATED = Reason("not_propagated", _("{what} does not propagate its routes to {table}."))
ATTACHED = Reason(
    "attached",
    _("{what} is attached to {router}. Delete the attachment there first."),
)
ATTACHED_ELSEWHERE = Reason(
    "attached_elsewhere",
    _("{what} is attached to {router} of account {uid}. That account has to delete the attachment first."),
)
ALREADY_ATTACHED = Reason(
    "already_attached", _("{what} is attached to a transit router already. Detach it there first.")
)
NOT_ATTACHED = Reason(
    "not_attached",
    _("{what} is not attached to a transit router. Attach it first: its routes lead there."),
)
NOT_FOUND = Reason(
    "not_found",
    _("There is no such unassociated connection, or its owner has not authorized this CEN instance."),
)
GONE = Reason("gone", _("{what} is not there any more: somebody has deleted it meanwhile."))
ATTACHMENT_IN_USE = Reason(
    "attachment_in_use",
    _("{what} still has {remains}. Select them to remove them along with the attachment."),
)
AUTHORIZATION_IN_USE = Reason(
    "authorization_in_use",
    _("{what} is using this connection. Ask its owner to delete the attachment."),
)
AUTOMATIC_ROUTE = Reason(
    "automatic_route",
    _("The route to {what} comes from the protected data flows. Change the remote networks instead."),
)
NO_ROUTE = Reason("no_route", _("There is no route to {what} any more."))
NO_AUTHORIZATION = Reason("no_authorization", _("{what} is not authorized any more."))
OWN_PAYER = Reason("own_payer", _("Both sides of {what} belong to one account, which pays in any case."))
PAYER_NOT_AGREED = Reason(
    "payer_not_agreed",
    _("The owner of the connection has authorized {payer}. The authorization has to be changed there first."),
)
PAYER_TOO_SOON = Reason(
    "payer_too_soon",
    _("The payer of {what} can be changed an hour after attaching or the last change, at {at} UTC."),
)
NO_FREE_ADDRESS = Reason(
    "no_free_address",
    _("Every address in the CIDR blocks of {what} is taken. Use a transit router with a larger block."),
)
SINGLE_TUNNEL = Reason(
    "single_tunnel",
    _("This account refuses new connections with one tunnel. Create one with two, or change the account's settings."),
)
NOT_EXPRESSIBLE = Reason("not_expressible", _("There is no configuration for {device}: {why}"))
NO_GATEWAY_IP = Reason(
    "no_gateway_ip",
    _(
        "{what} has no gateway IP address yet, which the other side must know. A private connection gets one when it "
        "is attached to a transit router."
    ),
)
DEVICE_NOT_CONFIGURED = Reason(
    "device_not_configured", _("The device of {what} is not configured. Load the peer configuration first.")
)
DEVICE_CANNOT_FOLLOW = Reason(
    "device_cannot_follow", _("The device of {what} cannot take this change, so neither was changed: {why}")
)
NO_CLOUD_VALUE = Reason(
    "no_cloud_value", _("The peer configuration of {what} has no such value any more. Look at the differences again.")
)
DEVICE_OFF = Reason("device_off", _("The device of {what} is off. Switch it on first."))
TOO_MUCH_HAPPENED = Reason(
    "too_much_happened",
    _("So much has happened around {what} that nothing more can be recorded. Reset the tunnel first."),
)
ACCESS_KEY_GONE = Reason("access_key_gone", _("There is no access key {what} any more."))

# Refusals without a right, by the right.
FORBIDDEN = {
    Right.WRITE: Reason("forbidden", _("Your role is {role}: you can look at everything and change nothing.")),
    Right.SEE_KEYS: Reason("forbidden", _("Your role is {role}: keys are not shown to you.")),
    Right.PEER_CONFIG: Reason("forbidden", _("Your role is {role}: peer configurations contain the pre-shared key.")),
    Right.MANAGE: Reason("forbidden", _("Your role is {role}: members and access keys are for administrators.")),
}
LET_OUT = Reason("forbidden", _("You may not act any more: your user, or the access key, has been disabled."))
LAST_ADMINISTRATOR = Reason(
    "last_administrator",
    _("{what} is the account's only administrator. Make somebody else one first."),
)
