"""Explain a statement's query plan, and find steps whose cost grows with the number of rows."""

import json
import re
from collections.abc import Iterator
from itertools import count

from django.db import connection as database

# Tables that grow with use. No statement may scan or sort one of them completely.
GROWING = {
    f"connections_{name}"
    for name in (
        "connection", "tunnel", "attachment", "tag", "route", "routeentry", "event", "customergateway", "cen",
        "transitrouter", "transitroutercidr", "device", "chapter", "authorization", "apicall", "apinonce", "submission",
    )
}  # fmt: skip
# Tables with a region: an account may have very many rows in other regions.
REGIONAL = {"connections_connection", "connections_customergateway"}
# Columns of which one value selects one row or a few, and the ends of transitions and negotiations: nearly all rows are
# on the same side of them.
PICKING = {
    "rowid", "id", "resource_id", "related_id", "request_id", "route_table_id", "connection_id", "attachment_id",
    "cen_id", "transition_ends", "internet_ip", "tunnel_id", "negotiation_settles", "negotiation_changes",
}  # fmt: skip
# A destination has at most one route of each attachment of a transit router.
ONE_ROUTE = {"transit_router_id", "destination"}
# Rows that a step may read on PostgreSQL, in tests in which lists count up to COUNTED.
COUNTED, MOST_READ = 40, 450
# What users attach to a resource.
PICKING_INDEX = re.compile(r"\w+_tag_once|connections_tag_\w+|connections_transitrouter\w+|connections_routeentry\w+")

# Route tables read the tunnels with BGP or a health check of all attachments of one transit router; the product allows
# 50 attachments [P93].
OF_ONE_ROUTER = re.compile(
    r'FROM "connections_tunnel" .*"connections_attachment"\."transit_router_id" = \d+ '
    r'AND "connections_device"\."id" IS NOT NULL\) ORDER BY "connections_tunnel"\."id" ASC$'
)

# A search reads the names of the customer gateways of one region, or of all, of which there are far fewer than
# connections.
OF_GATEWAYS = re.compile(
    r"connections_customergateway gateway_\w+ "
    r"\(\(account_id = \d+\) AND \(\(region_id\)::text = '[\w-]+'|connections_customergateway gateway_all\w*"
)

_numbers = count()
_READ = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
_ALIAS = re.compile(r'"(connections_\w+)"(?: ([A-Z]\d+))?')
_STEP = re.compile(r"(SCAN|SEARCH) (\S+)(?: USING (?:AUTOMATIC |PARTIAL |COVERING )*INDEX (\S+))?(.*)")


def complaints(sql: str) -> list[str]:
    """What is wrong with the query plan of a statement; empty if nothing is."""
    if not re.match(r"\s*(SELECT|WITH)\b", sql) or OF_ONE_ROUTER.search(sql):
        return []
    return list(_of_sqlite(sql) if database.vendor == "sqlite" else _of_postgresql(sql))


def _explained(words: str, sql: str) -> list[tuple]:
    with database.cursor() as cursor:
        # SQLite's driver caches statements, even after an index was dropped, so make each one unique.
        # Without parameters the driver leaves percent signs alone.
        cursor.execute(f"{words} {sql} /* {next(_numbers)} */", None)
        return cursor.fetchall()


def _of_sqlite(sql: str) -> Iterator[str]:
    growing = {name for names in _ALIAS.findall(sql) if names[0] in GROWING for name in names if name}
    steps = _explained("EXPLAIN QUERY PLAN", sql)
    details = {number: detail for number, _, _, detail in steps}
    parents = {number: parent for number, parent, _, _ in steps}
    # By nesting level: whether every loop finds few rows.
    few: dict[int, bool] = {}
    for _, parent, _, detail in steps:
        step = _STEP.match(detail)
        if step is None or step[2] not in growing:
            continue
        columns = set(re.findall(r"(\w+)[=<>]\?", step[4]))
        picks = bool(columns & PICKING or columns >= ONE_ROUTE or PICKING_INDEX.fullmatch(step[3] or ""))
        if (step[1] == "SCAN" and "VIRTUAL TABLE" not in detail) or "AUTOMATIC" in detail:
            yield detail
        elif (
            step[2] in REGIONAL
            and columns == {"account_id"}
            and re.search(r"region_id\" (=|IN)", sql.partition(" WHERE ")[2])
        ):
            yield f"{detail}: reads all regions"
        above = details.get(parent, "")
        if not picks and above.startswith(("LIST SUBQUERY", "MATERIALIZE")) and "LIMIT" not in sql:
            yield f"{above}: {detail}"
        # A list that is sorted by it reads both kinds.
        filters = "is_bound" in sql.partition(" WHERE ")[2].partition(" ORDER BY ")[0]
        if (step[3] or "").startswith("connection_bound") and filters and "is_bound" not in columns:
            yield f"{detail}: reads connections that are not associated"
        if not picks and "LIMIT" not in sql:
            yield f"{detail}: without LIMIT"
        level = parent
        while re.match(r"MULTI-INDEX OR|INDEX \d", details.get(level, "")):
            level = parents[level]
        few[level] = few.get(level, True) and picks
    for _, parent, _, detail in steps:
        if re.match("USE TEMP B-TREE FOR (LAST|RIGHT|.*ORDER BY)", detail) and not few.get(parent, True):
            yield detail


def _of_postgresql(sql: str) -> Iterator[str]:
    """Explain a statement by the rows that it reads.

    The tables of a test are so small that the planner would rightly scan them. With no costs but those per row, it
    chooses the plan that reads the fewest rows: row by row, or through an index.
    """
    with database.cursor() as cursor:
        for page in ("seq", "random"):
            cursor.execute(f"SET LOCAL {page}_page_cost = 0")
        for row in ("tuple", "index_tuple"):
            cursor.execute(f"SET LOCAL cpu_{row}_cost = 1")
        for way in ("seqscan", "hashjoin", "mergejoin"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
    steps: list[str] = []
    for switch in ("on", "off"):
        with database.cursor() as cursor:
            cursor.execute(f"SET LOCAL enable_bitmapscan = {switch}")
        [(plan,)] = _explained("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON)", sql)
        root = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
        steps = [step for step in _of_node(root) if not (" LIKE " in sql and OF_GATEWAYS.search(step))]
        if not steps:
            return
    yield from steps


def _of_node(node: dict) -> Iterator[str]:
    """Count the rows that a step reads: an index that leads to all rows is no better than none."""
    kind = node["Node Type"]
    if node.get("Relation Name") in GROWING or not node.get("Index Name", "django_").startswith("django_"):
        read = sum(node.get(name, 0) for name in _READ)
        detail = " ".join(f"{node[name]}" for name in ("Relation Name", "Index Name", "Index Cond") if name in node)
        if kind == "Seq Scan":
            yield f"{kind} {detail}"
        elif read > MOST_READ:
            yield f"{kind} {detail}: {read} rows, {node['Actual Loops']} times"
    for inner in node.get("Plans", ()):
        yield from _of_node(inner)
