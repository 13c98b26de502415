"""Scripts and style sheets are collected without comments."""

import re
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

from vpnconsole.static_files import CollectedFiles, without_comments

FOLDER = Path(__file__).resolve().parents[2] / "static" / "console"


def test_scripts_lose_lines_of_comments_and_nothing_else():
    for path in FOLDER.glob("*.js"):
        lines = path.read_text().splitlines()
        code = [line for line in lines if not line.lstrip().startswith("//")]
        assert without_comments(f"console/{path.name}", path.read_bytes()).decode().splitlines() == code
        # No such line is within a template literal.
        literals = [index for index, line in enumerate(code) if line.count("`") % 2]
        assert literals == [], path.name


@pytest.mark.parametrize(
    ("name", "text", "left"),
    [
        ("console/a.css", "/* One\n   two */\na { color: red; }", "a { color: red; }"),
        ("console/a.js", "// One\nlet a = 'x'; // two\n", "let a = 'x'; // two\n"),
        ("vendor/bootstrap/a.css", "/* Bootstrap, MIT */ a { }", "/* Bootstrap, MIT */ a { }"),
    ],
)
def test_comments_of_ours_alone_go(name, text, left):
    assert without_comments(name, text.encode()).decode() == left


def test_no_style_sheet_has_the_beginning_of_a_comment_in_a_string():
    for path in FOLDER.glob("*.css"):
        rest = without_comments(f"console/{path.name}", path.read_bytes())
        assert not re.search(rb"/\*|\*/", rest), path.name
        assert rest.count(b"{") == path.read_text().encode().count(b"{"), path.name


def test_collected_files_have_no_comments(tmp_path):
    source = FileSystemStorage(tmp_path / "source")
    collected = CollectedFiles(location=tmp_path / "collected", base_url="/static/")
    for name, text in (("console/a.js", b"// One\nlet a;\n"), ("vendor/a.js", b"// MIT\nlet a;\n")):
        for storage in (source, collected):
            storage.save(name, ContentFile(text))
    paths = {name: (source, name) for name in ("console/a.js", "vendor/a.js")}
    hashed = {name: hashed for name, hashed, _ in collected.post_process(paths)}
    texts = {name: (tmp_path / "collected" / hashed[name]).read_bytes() for name in paths}
    assert texts == {"console/a.js": b"let a;\n", "vendor/a.js": b"// MIT\nlet a;\n"}
