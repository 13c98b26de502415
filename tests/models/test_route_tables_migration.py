"""The upgrade that makes rows of route tables, which were a column of their transit router."""

import pytest
from django.core.management import call_command
from django.db import connection as database
from django.db.migrations.executor import MigrationExecutor

from connections import clock
from connections.models import RouteEntry, RouteTable
from vpnconsole.testing import factories

BEFORE, AFTER = ("connections", "0025_transit_router_cidrs"), ("connections", "0026_route_tables")


@pytest.mark.django_db(transaction=True)
def test_tables_keep_their_ids_and_entries():
    cen = factories.make_cen(factories.make_account())
    executor = MigrationExecutor(database)
    executor.migrate([BEFORE])
    old = MigrationExecutor(database).loader.project_state([BEFORE]).apps
    for region in ("eu-central-1", "cn-hangzhou"):
        router = old.get_model("connections", "TransitRouter").objects.create(
            cen_id=cen.pk, account_id=cen.account_id, region_id=region, resource_id=f"tr-{region}",
            route_table_id=f"vtb-{region}", created_at=clock.now(),
        )  # fmt: skip
        old.get_model("connections", "RouteEntry").objects.create(
            transit_router=router, destination="10.0.0.0/8", resource_id=f"rte-{region}"
        )
    MigrationExecutor(database).migrate([AFTER])
    call_command("migrate", verbosity=0)
    for region in ("eu-central-1", "cn-hangzhou"):
        table = RouteTable.objects.get(resource_id=f"vtb-{region}")
        assert (table.is_default, table.transit_router.resource_id, table.region_id) == (True, f"tr-{region}", region)
        assert table.transit_router.default_table == table
        assert (table.account, table.created_at) == (cen.account, table.transit_router.created_at)
        assert RouteEntry.objects.get(route_table=table).resource_id == f"rte-{region}"
