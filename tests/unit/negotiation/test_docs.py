"""The tables of docs/negotiation.md are those of the code; `--write-golden` writes them again."""

import re
from pathlib import Path

from connections.negotiation.bgp import DOWN, ESTABLISHED, INTERNAL, LOOPS, SESSIONS, SILENT
from connections.negotiation.checks import CHECKS
from connections.negotiation.codes import Code
from connections.negotiation.decisions import DECISIONS
from connections.negotiation.examination import Level
from connections.negotiation.health import PROBES, W1
from connections.negotiation.remarks import REMARKS

PAGE = Path(__file__).parents[3] / "docs" / "negotiation.md"
# Codes that the course reports at rows of its own.
IN_THE_COURSE = {
    Code.DPD_TIMEOUT: ["U9"],
    Code.DPD_HASH_NOTIFY_COMPATIBILITY: ["U10"],
    Code.RECEIVE_DELETE_NOTIFY: ["U4", "U5", "U6", "U11"],
    Code.NEGOTIATION_FAILED: ["C1"],
    Code.PHASE_1_NEGOTIATION_TIMEOUT: ["C1"],
    Code.PFS_MISMATCH: ["U1"],
}


def table(*rows):
    head, *body = (f"| {' | '.join(map(str, row))} |" for row in rows)
    return "\n".join((head, "|" + " --- |" * len(rows[0]), *body))


def named(fields):
    return ", ".join(f"`{field}`" for field in fields)


def rows_of(code):
    rows = [row.row for row in DECISIONS if code in (row.as_responder.code, row.as_initiator.code)]
    rows += [remark.row for remark in REMARKS if remark.code == code]
    return ", ".join(dict.fromkeys(rows + IN_THE_COURSE.get(code, [])))


def statuses(decision):
    return "/".join(dict.fromkeys(verdict.ending.status for verdict in (decision.as_responder, decision.as_initiator)))


def found(check, level):
    return "; ".join(case.says for case in check.cases if case.level == level) or "-"


TABLES = {
    "decisions": table(
        ("row", "when", "status", "responder", "initiator", "fields"),
        *(
            (
                row.row,
                row.says,
                statuses(row),
                row.as_responder.code or "-",
                row.as_initiator.code or "-",
                named(row.fields),
            )
            for row in DECISIONS
        ),
    ),
    "remarks": table(
        ("row", "when", "severity", "code", "what users read", "remedy"),
        *((row.row, row.says, row.severity, row.code or "-", row.message, row.remedy) for row in REMARKS),
    ),
    "bgp": table(
        ("row", "when", "state", "what users read", "remedy"),
        *(
            (row.row, row.says, row.state, row.message, row.remedy or "-")
            for row in (DOWN, *SESSIONS, SILENT, LOOPS, INTERNAL, ESTABLISHED)
        ),
    ),
    "health": table(
        ("row", "when", "what users read", "remedy"),
        *((probe.row, probe.says, probe.message, probe.remedy) for probe in (W1, *PROBES)),
    ),
    "diagnosis": table(
        ("check", "error", "warning", "fields"),
        *(
            (check.title, found(check, Level.ERROR), found(check, Level.WARNING), named(check.fields))
            for check in CHECKS
        ),
    ),
    "codes": table(
        ("code", "severity", "rows", "what users read", "remedy", "words in the product's log"),
        *(
            (code, code.severity, rows_of(code), code.message, code.remedy, " · ".join(code.keywords) or "-")
            for code in Code
        ),
    ),
}


def test_the_page_has_the_tables_of_the_code(request):
    wanted = PAGE.read_text()
    for name, rows in TABLES.items():
        place = re.compile(rf"<!-- {name} -->\n.*?<!-- end -->", re.DOTALL)
        wanted, count = place.subn(lambda _, name=name, rows=rows: f"<!-- {name} -->\n\n{rows}\n\n<!-- end -->", wanted)
        assert count == 1, name
    if request.config.getoption("--write-golden"):
        PAGE.write_text(wanted)
    assert PAGE.read_text() == wanted
