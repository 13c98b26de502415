"""The numbered facts of docs/product.md: every cited fact exists, and every fact has a source."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE = (ROOT / "docs" / "product.md").read_text()
FACTS = re.findall(r"^\| (P\d+) \| (.+?) \| (.+?) \|$", TABLE, re.MULTILINE)
SOURCES = set(re.findall(r"^\| (S\d+) \|", TABLE, re.MULTILINE))
CITATION = re.compile(r"\[(P\d+(?:, P\d+)*)\]")
# Documents that are not public.
ELSEWHERE = re.compile(r"vpn-facts|openapi-protocol|[Pp]roduct page, [A-Z\"]")


def _texts():
    for folder in ("connections", "vpnconsole", "tests", "docs"):
        for path in (ROOT / folder).rglob("*"):
            if "node_modules" in path.parts or path == Path(__file__) or not path.is_file():
                continue
            if path.suffix in (".py", ".md", ".html", ".jinja", ".js"):
                yield path, path.read_text()


def test_every_number_stands_once():
    numbers = [number for number, *_ in FACTS]
    assert len(numbers) == len(set(numbers)) > 50


def test_every_fact_has_a_source_or_is_a_choice():
    for number, _fact, source in FACTS:
        named = set(re.findall(r"\bS\d+\b", source))
        assert named <= SOURCES, number
        assert named or "choice" in source, number


def test_every_citation_leads_to_a_fact():
    known = {number for number, *_ in FACTS}
    cited = {
        (path.relative_to(ROOT), number)
        for path, text in _texts()
        for numbers in CITATION.findall(text)
        for number in numbers.split(", ")
    }
    assert not {(path, number) for path, number in cited if number not in known}
    assert len({number for _path, number in cited}) > 20


def test_nothing_cites_a_document_that_is_not_in_the_repository():
    assert [path for path, text in _texts() if ELSEWHERE.search(text)] == []
