"""Every ID, address and AS number in a table or list of facts has a copy button."""

import re
from html.parser import HTMLParser

import pytest

from connections.console import columns
from connections.models import ColumnChoice
from tests.addresses import PAGES, address, is_page
from tests.console.test_testids import check

ID = r"(?:vco|cgw|cen|tr|tr-attach|vtb)-[a-z0-9]{8,}"
VALUE = re.compile(rf"(?:{ID}|\d+\.\d+\.\d+\.\d+|\d{{16}}|[0-9A-F]{{8}}-(?:[0-9A-F]{{4}}-){{3}}[0-9A-F]{{12}})")


class Cells(HTMLParser):
    """For each cell its texts, and the texts that its buttons copy."""

    def __init__(self):
        super().__init__()
        self.cells: list[tuple[list[str], list[str]]] = []
        self.open: list[tuple[str, bool]] = []
        self.outline = False

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        # The summary beside a form repeats values of the form.
        self.outline |= "outline-facts" in said.get("class", "").split()
        if tag in ("td", "th", "dd"):
            # Requests and their parameters are for reading, not for copying.
            is_prose = "details" in said.get("class", "")
            self.cells.append(([], []))
            self.open.append((tag, is_prose or self.outline))
        if self.open and "data-copy" in said:
            self.cells[-1][1].append(said["data-copy"])

    def handle_endtag(self, tag):
        if tag == "dl":
            self.outline = False
        if self.open and tag == self.open[-1][0]:
            self.open.pop()

    def handle_data(self, data):
        if self.open and not any(is_prose for _, is_prose in self.open):
            self.cells[-1][0].append(data.strip())


def lacking(answer) -> list[str]:
    parser = Cells()
    parser.feed(answer.content.decode())
    return [text for texts, copied in parser.cells for text in texts if VALUE.fullmatch(text) and text not in copied]


@pytest.mark.parametrize("name", PAGES)
def test_whatever_is_an_id_or_an_address_has_a_button(name, console, estate):
    answer = console.get(address(name, estate))
    assert is_page(answer)
    assert lacking(answer) == []


def test_also_in_every_column_of_the_list(console, alice, estate):
    ColumnChoice(user=alice, page=columns.LIST, keys=[column.key for column in columns.COLUMNS]).save()
    answer = console.get(address("connection-list", estate))
    assert lacking(answer) == []
    check(answer)


def test_the_as_number_of_a_customer_gateway(console, estate, gateway):
    gateway.asn = 65001
    gateway.save()
    page = console.get(address("customer-gateway-list", estate)).content.decode()
    assert page.count('data-copy="65001"') == 1
