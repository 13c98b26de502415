"""Create, disable and delete access keys."""

from connections.domain.choices import AccessKeyStatus
from connections.domain.refusals import ACCESS_KEY_GONE, Refused
from connections.domain.roles import Right
from connections.models import AccessKey, User
from connections.services.operations import Actor, operation


def create_access_key(actor: Actor, user: User) -> AccessKey:
    """Create a key for a member of the actor's account. The caller shows its secret once."""
    with operation(actor, "CreateAccessKey", right=Right.MANAGE) as record:
        user = User.objects.get(account=actor.account, pk=user.pk)
        key = AccessKey.objects.create(user=user)
        record.resource_id = key.access_key_id
        record.facts = {"user": user.username}
    return key


def _stored(actor: Actor, access_key_id: str) -> AccessKey:
    key = AccessKey.objects.of(actor.account).select_related("user").filter(access_key_id=access_key_id).first()
    if key is None:
        raise Refused(ACCESS_KEY_GONE, what=access_key_id)
    return key


def set_access_key_status(actor: Actor, access_key_id: str, status: str) -> AccessKey:
    """Enable or disable a key."""
    with operation(actor, "UpdateAccessKey", resource_id=access_key_id, right=Right.MANAGE) as record:
        key = _stored(actor, access_key_id)
        record.facts = {"user": key.user.username, "status": [key.status, AccessKeyStatus(status).value]}
        key.status = AccessKeyStatus(status)
        key.save(update_fields=["status"])
    return key


def delete_access_key(actor: Actor, access_key_id: str) -> None:
    """Delete a key."""
    with operation(actor, "DeleteAccessKey", resource_id=access_key_id, right=Right.MANAGE) as record:
        key = _stored(actor, access_key_id)
        record.facts = {"user": key.user.username}
        key.delete()
