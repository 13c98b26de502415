"""The test ids (`data-testid`) of every control and of values that tests read.

They don't depend on language or layout. `{…}` is a variable part: a resource's ID, a field's name, or a position
counted from 1. `python -m tools.testids` writes docs/testids.md from this registry.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Area:
    """Related test ids: pairs of pattern and description."""

    title: str
    names: tuple[tuple[str, str], ...]


AREAS = (
    Area(
        "The frame of every page",
        (
            ("skip", "link to the content, for keyboards"),
            ("home", "the product's name"),
            ("region-menu", "opens the list of regions"),
            ("region-{region}", "a region in it"),
            ("language", "the other language"),
            ("account-menu", "opens the account's menu"),
            ("account-{what}", "an entry in it: copy-uid, role, password, sessions"),
            ("persona-{user}", "a persona of the demo, in the menu or on the sign-in page"),
            ("theme-{theme}", "appearance: auto, light, dark"),
            ("sign-out", "ends the session"),
            (
                "nav-{page}",
                "the side menu: connections, customer-gateways, cens, events, members, access-keys, api, resources",
            ),
            ("crumb-{position}", "a link of the breadcrumb"),
            ("tab-{tab}", "a tab of a details page"),
            ("message-{position}", "what has just been done, or refused"),
            ("message-{position}-{action}", "its code, or its dismissal"),
            ("trouble-{kind}-{action}", "retry or reload after a request that failed: lost, failed, gone"),
            ("draft-discard", "throws away what was restored into a form"),
            ("go-{where}", "ways out of an error page: home, events; go-to sends the palette's question"),
            ("palette-q", "what the palette looks for"),
            ("hit-{address}", "what it found"),
            ("shortcuts", "opens the list of keys"),
            ("single-keys", "switches keys without Ctrl on or off"),
            ("help-switch", "shows or hides the help beside fields"),
        ),
    ),
    Area(
        "Export and import",
        (
            ("download-{format}", "the account's resources without keys, as yaml or json"),
            ("download-keys-{format}", "the same with keys"),
            ("import", "sends the document"),
            ("import-progress", "how far a long import is"),
        ),
    ),
    Area(
        "Signing in",
        (
            ("sign-in", "sends name and password"),
            ("sign-in-otherwise", "opens the form for name and password beside the personas"),
        ),
    ),
    Area(
        "Lists",
        (
            ("create", "makes a new one"),
            ("search", "the search field"),
            ("search-go", "searches, where no script does"),
            ("filter-{filter}", "a filter"),
            ("empty-{action}", "what an empty list offers: clear, create, customer-gateways"),
            ("sort-{column}", "the head of a column that sorts"),
            ("total", "how many there are"),
            ("page-{which}", "a page by its number, or first, previous, next, last"),
            ("page-near", "jumps to rows near a value"),
            ("page-near-go", "sends it"),
            ("page-size-{rows}", "how many rows a page has"),
            ("pick-all", "selects every row of the page"),
            ("delete-selected", "deletes the selected ones, after a question"),
            ("figure-{filter}-{value}", "a figure above the list, which filters"),
            ("saved-filters", "opens the saved filters"),
            ("saved-filter-{number}", "one of them"),
            ("saved-filter-{number}-delete", "removes it"),
            ("filter-save", "saves the filter under a name"),
            ("filters-manage", "opens the saved filters for removal"),
            ("export", "opens the formats"),
            ("export-{format}", "what the filter shows as csv or json"),
            ("columns", "chooses the columns"),
            ("column-{column}", "whether a column shows"),
            ("column-{column}-{direction}", "moves it up or down"),
            ("columns-usual", "the usual columns"),
        ),
    ),
    Area(
        "Rows",
        (
            ("connection-{id}-row", "the row of a connection"),
            ("connection-{id}", "the link to its details"),
            ("connection-{id}-{action}", "pick, peer-config, edit, tags, delete; the links cen and customer-gateway"),
            ("connection-{id}-value-{column}", "a cell"),
            ("connection-{id}-code", "the code of the tunnel's problem, while it is recent"),
            ("connection-{id}-last-problem", "the last problem, when it is over"),
            ("gateway-{id}-row", "the row of a customer gateway"),
            ("gateway-{id}", "the link to its details"),
            ("gateway-{id}-{action}", "connections, edit, tags, delete"),
            ("cen-{id}-row", "the row of a CEN instance"),
            ("cen-{id}", "the link to its details"),
            ("cen-{id}-{action}", "details, tags, delete"),
            ("router-{id}", "the link to a transit router's details"),
            ("router-{id}-{action}", "details, delete"),
            ("cidr-{block}-{action}", "edit, delete of a CIDR block"),
            ("attachment-{id}", "the link to a VPN attachment's details"),
            ("attachment-{id}-{action}", "edit, delete"),
            ("whose-{attachment}", "the connection of an attachment"),
            ("entry-{destination}-{attachment}", "the attachment that an entry of a route table leads to"),
            ("correlation-{attachment}", "an attachment beside the route table"),
            ("correlation-{attachment}-edit", "changes its association and propagations"),
            ("associated-{attachment}", "the other route table with which it is associated"),
            ("route-table-{id}", "the link to a route table's details"),
            ("route-table-{id}-{action}", "code, edit, tags, delete"),
            ("route-{destination}-{action}", "weight, delete of a route"),
            ("authorization-{cen}-{action}", "payer, delete of an authorization"),
            ("event-{request}", "the row of an event"),
            ("event-{request}-code", "what was done, as code"),
            ("request-{position}", "opens a request to the API"),
            ("access-key-{id}-{action}", "disable, enable, delete"),
            ("member-{user}-{action}", "role, sign-out, active"),
        ),
    ),
    Area(
        "Details",
        (
            ("edit", "changes the resource"),
            ("clone", "makes another one like it"),
            ("show-code", "the resource as code"),
            ("peer-config", "the configuration of the device at the other end"),
            ("next-peer-config", "the same, where it is said what to do next"),
            ("delete", "deletes it, after a question"),
            ("edit-tags", "changes its tags"),
            ("state", "the state of a connection"),
            ("status", "how far its negotiation has come"),
            ("code", "the code of the tunnel's problem, while it is recent"),
            ("last-problem", "the last problem, when it is over"),
            ("state-{id}", "the state of a CEN instance or a transit router"),
            ("value-{field}", "a parameter's value"),
            ("link-{what}", "the resource that a value names"),
            ("copy-{text}", "copies an ID, an address or a number; psk, bgp-key and the like for secrets"),
            ("copy-{where}-{text}", "the same where it stands more than once: by row, or by field"),
            ("show-psk", "shows the pre-shared key"),
            ("show-bgp-key", "shows the BGP key"),
            ("topology-{id}", "a resource in the picture of the topology"),
            ("router-create", "a new transit router"),
            ("cidr-create", "a new CIDR block of a transit router"),
            ("change-group", "moves it to another resource group"),
            ("attachment-create", "attaches a connection"),
            ("route-table-create", "a new route table"),
            ("edit-route-tables", "changes the association and the propagations of an attachment"),
            ("route-create", "a new route"),
            ("authorize", "opens the connection to another account"),
            ("connection-create", "a connection to this customer gateway"),
            ("created", "the connection that was just created"),
            ("created-next-steps", "what to do with it"),
            ("code-tab-{language}", "a language of the code"),
            ("code-copy-{language}", "copies it"),
            ("example", "opens the example of the API page"),
        ),
    ),
    Area(
        "Forms",
        (
            ("field-{field}", "the control of a field; tunnel fields begin with tunnel1-"),
            ("field-{field}-{value}", "a button of a set, or the position of a row"),
            ("field-{field}-{position}-remove", "removes a row"),
            ("field-{field}-add", "adds one"),
            ("notes-{field}", "messages and advice at a field"),
            ("fix-{field}-{kind}-{position}", "does what an error or a piece of advice proposes"),
            ("locked-{field}", "the value of a field that cannot change"),
            ("locked-{field}-way-out", "where it can be changed"),
            ("show-{field}", "shows a key that is typed"),
            ("generate-{field}", "generates one"),
            ("offer-{field}", "makes a choice that is missing"),
            ("error-summary", "what a refused submit says first"),
            ("error-summary-{position}", "a link to a field in it"),
            ("outline-{section}", "a section in the outline beside the form"),
            ("section-{section}", "folds a section"),
            ("form-ok", "sends the form"),
            ("form-cancel", "leaves it"),
            ("form-code", "what is typed, as code"),
            ("form-update", "draws the form again, where no script does"),
            ("see-changes", "leads to the list of changes"),
        ),
    ),
    Area(
        "Dialogs",
        (
            ("dialog-ok", "does it"),
            ("dialog-cancel", "does not"),
            ("dialog-close", "closes what has nothing to do"),
            ("in-use-{id}", "a resource that stands in the way"),
            ("peer-format", "the format of a peer configuration"),
            ("peer-format-go", "shows it, where no script does"),
            ("peer-refusal", "why there is none"),
            ("peer-text-{position}", "the text of its files"),
            ("peer-copy-{position}", "copies one"),
            ("peer-download-{position}", "downloads one"),
            ("peer-notes", "what to mind before it is loaded"),
        ),
    ),
)


def _pattern(name: str) -> re.Pattern:
    return re.compile("".join(".+" if part[:1] == "{" else re.escape(part) for part in re.split(r"(\{\w+\})", name)))


PATTERNS = {name: _pattern(name) for area in AREAS for name, _ in area.names}


def known(testid: str) -> list[str]:
    """The registered patterns that match a test id."""
    return [name for name, pattern in PATTERNS.items() if pattern.fullmatch(testid)]
