"""docs/testids.md, from the registries of test ids and of forms. `python -m tools.kit` writes it."""

from pathlib import Path

from connections.console.testids import AREAS
from tools.kit import markdown
from vpnconsole.kit import testids as kit

TARGET = Path(__file__).resolve().parent.parent / "docs" / "testids.md"
HEAD = """# Test ids

Written by `python -m tools.kit` from `connections/console/testids.py` and the forms. A test fails when it is outdated.

People and tests should find elements by their accessible names. In addition, every control and every value that a test
reads has a `data-testid`, which is unique on its page and the same in both languages. `{…}` is a placeholder: the ID of
a resource, the name of a field, or a position counted from 1.

`<html data-idle>` is set while no request, swap or submit is in flight, or waits until typing stops:

```python
page.get_by_test_id("field-enable_bgp").check()
page.locator("html[data-idle]").wait_for(state="attached")
page.get_by_test_id("field-tunnel1-tunnel_cidr").fill("169.254.10.0/30")
```

What a page shows is also in attributes, in the words of the API, which are the same in both languages:

| attribute | where | what |
| --- | --- | --- |
| `data-name` | rows of lists, options | the name of the resource |
| `data-tunnel` | tunnels of a connection | the number of the tunnel, 1 or 2 |
| `data-state`, `data-status` | cells, details, tunnels | state of a connection; negotiation status |
| `data-bgp`, `data-health` | tunnels of a connection | state of the BGP session; result of the health check |
| `data-operation`, `data-outcome` | events | what was done; `success` or `refused` |
| `data-operation` | `message-{n}` | what the user has just done |
| `data-code` | errors of fields and dialogs | the rule that is broken, or why the operation was refused |
| `data-code` | codes of tunnels | why the negotiation has failed |
| `data-value` | power, line and configuration of a simulated device | `true` or `false` |
| `data-differs` | `side-{field}` of a simulated device | whether the setting differs from the cloud's |
| `data-level` | `finding-{tunnel}-{check}` | what a check has found: `error`, `warning` or `normal` |
| `data-end`, `data-level` | lines of a log | `cloud` or `device`; `INFO`, `PROTO_WARN` or `PROTO_ERR` |

The IDs of the demo's resources are the same in every installation, as are its accounts' UIDs, so tests can use them:
`hamburg-primary`, for example, is `vco-gw8y1s8pg2qmhykf6ideq`.
"""


def text() -> str:
    parts = [HEAD]
    for area in (*AREAS, *kit.AREAS):
        rows = "\n".join(f"| `{name}` | {what} |" for name, what in area.names)
        parts.append(f"## {area.title}\n\n| test id | what it is |\n| --- | --- |\n{rows}\n")
    return "\n".join([*parts, markdown.text()])
