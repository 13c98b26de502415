"""One rule applies to every text that users type: a single line without invisible characters."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from connections.domain import rules
from connections.domain.choices import RoutingMode
from connections.domain.problems import Problem
from connections.domain.refusals import Invalid
from connections.models import Account, Authorization, Connection, Device, ResourceGroup, Tunnel, User
from connections.services.members import add_member
from connections.services.operations import problems_of
from connections.services.preferences import save_filter
from tests.declared import text_columns
from vpnconsole.testing import factories

# Texts that only the program writes, and texts of unauthenticated clients that nobody sees.
NOT_TYPED = {
    "ServiceLinkedRole", "SignInFailure", "ApiNonce", "ApiToken", "ApiUse", "ApiCall", "Event", "Submission",
    "ColumnChoice", "User.password", "User.email",
}  # fmt: skip
TYPED = [
    field for field in text_columns() if not {field.model.__name__, f"{field.model.__name__}.{field.name}"} & NOT_TYPED
]
# Columns that the service validates instead of the model.
BY_SERVICES = {
    "Tag.key": lambda text: rules.tag_problems([(text, "")]),
    "Tag.value": lambda text: rules.tag_problems([("key", text)]),
    "TransitRouterCidr.cidr": lambda text: rules.router_cidr_problems([text], field="cidr"),
    "Route.destination": lambda text: rules.route_problems(text, 0, "", ()),
    "Route.description": lambda text: rules.route_problems("10.0.0.0/8", 0, text, ()),
    "RouteEntry.destination": lambda text: rules.entry_problems(text, ()),
    "SavedFilter.name": lambda text: raised(lambda: save_filter(factories.make_user(), "list", text, "q=x")),
}
# Rows for which all fields of a model apply.
COMPLETE = {
    Connection: lambda: Connection(enable_bgp=True, health_check=True, routing_mode=RoutingMode.PROTECTED),
    Tunnel: lambda: Tunnel(connection=Connection(enable_bgp=True)),
    Device: factories.configured_device,
    Authorization: lambda: Authorization(connection=Connection(account=Account(uid="1" * 16))),
}


def raised(do) -> list[Problem]:
    with pytest.raises(Invalid) as refused:
        do()
    return refused.value.problems


def problems_with(field, text) -> list[Problem]:
    model, name = field.model, field.name
    if by_service := BY_SERVICES.get(f"{model.__name__}.{name}"):
        return list(by_service(text))
    row = COMPLETE.get(model, model)()
    setattr(row, name, [text] if name.endswith("_subnet") else text)
    links = [one.name for one in model._meta.fields if one.is_relation]
    try:
        row.full_clean(exclude=links, validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        return [problem for problem in problems_of(error) if problem.field == name]
    return []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "mark", ["\x1b", "\u202e", "\u200e", "\u200d", "\u2060", "\ufeff", "\u3164", "\U000e0041", "\n"]
)
@pytest.mark.parametrize("field", TYPED, ids=str)
def test_what_is_not_seen_is_refused_in_every_text(field, mark):
    assert problems_with(field, f"hq{mark}hq"), f"{field} accepts {mark!a}"


def test_every_text_of_somebodys_own_is_tried():
    names = {f"{field.model.__name__}.{field.name}" for field in TYPED}
    assert {"Connection.name", "Tunnel.local_id", "Tag.key", "User.username", "ResourceGroup.name", "SavedFilter.name",
            "RouteEntry.description", "Account.name", "CustomerGateway.description"} <= names  # fmt: skip
    assert BY_SERVICES.keys() <= names


@pytest.mark.django_db
def test_a_member_and_an_account_have_names_that_can_be_seen():
    account = factories.make_account()
    for name in ("username", "first_name", "last_name"):
        user = User(**{"username": "carol", "account": account, name: "ca\u3164rol"})
        problems = raised(lambda user=user: add_member(factories.make_actor(account), user, factories.PASSWORD))
        assert [problem.field for problem in problems] == [name]
    with pytest.raises(CommandError, match="U\\+200E"):
        call_command("create_account", "Har\u200ebour", "admin")
    with pytest.raises(CommandError, match="U\\+1160"):
        call_command("create_account", "Harbour", "ad\u1160min")
    assert not ResourceGroup.objects.filter(account__name__startswith="Har\u200e").exists()
