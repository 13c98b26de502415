"""Random histories of two accounts: they create, delete, export and import in any order."""

import random
from contextlib import suppress

from connections.documents import as_text, exported, import_text
from connections.domain.refusals import Invalid, Refused
from connections.models import Account, Cen, Connection, CustomerGateway, TransitRouter
from connections.services.cens import delete_cen, delete_transit_router
from connections.services.connections import delete_connection
from connections.services.customer_gateways import delete_customer_gateway
from vpnconsole.testing import factories

DELETIONS = (
    (CustomerGateway, delete_customer_gateway),
    (Connection, delete_connection),
    (TransitRouter, delete_transit_router),
    (Cen, delete_cen),
)
STEPS = 30


class Lives:
    """Two accounts that share the documents that either of them exports."""

    def __init__(self, seed: str):
        self.chance = random.Random(seed)  # noqa: S311 - the same history every time
        self.accounts = [factories.make_account(f"{seed}, {name}") for name in "AB"]
        self.documents: list[str] = []
        for account in self.accounts:
            self.create(account)

    def run(self, steps: int = STEPS) -> None:
        actions = (self.create, self.delete, self.delete, self.delete, self.export, self.bring_in, self.bring_in)
        for _ in range(steps):
            self.chance.choice(actions)(self.chance.choice(self.accounts))

    def create(self, account: Account) -> None:
        kind = self.chance.choice(("gateway", "router", "connection", "connection"))
        if kind == "gateway":
            factories.make_customer_gateway(account, name="spare", auth_key="bgp-key")
        elif kind == "router":
            factories.make_transit_router(account)
        else:
            factories.make_connection(account, gateway=CustomerGateway.objects.of(account).first())

    def delete(self, account: Account) -> None:
        """Delete one resource of a random kind, unless it is in use."""
        model, delete = self.chance.choice(DELETIONS)
        if rows := list(model.objects.of(account).order_by("id")):
            with suppress(Invalid, Refused):
                delete(factories.make_actor(account), self.chance.choice(rows))

    def export(self, account: Account) -> None:
        self.documents.append(as_text(exported(account, keys=True), "json"))

    def bring_in(self, account: Account) -> None:
        """Import a document of either account. A document that contradicts the stored data changes nothing."""
        if self.documents:
            import_text(factories.make_actor(account), self.chance.choice(self.documents))
