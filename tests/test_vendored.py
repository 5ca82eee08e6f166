"""Files that others made: each is listed with its sum, and is what the list says."""

import hashlib
import re
from pathlib import Path

from tracker.charts.palette import css_tokens

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "tracker" / "static" / "tracker"


def test_vendored_files_are_listed_with_their_sums():
    listed = dict(re.findall(r"\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|", (ROOT / "docs/THIRD_PARTY.md").read_text()))

    found = {
        str(path.relative_to(ROOT)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in [*(STATIC / "fonts").iterdir(), *(STATIC / "vendor").rglob("*")]
        if path.is_file()
    }

    assert found == listed


def test_country_colours_of_the_pages_are_those_of_the_figures():
    css = (STATIC / "countries.css").read_text(encoding="utf-8")

    assert css_tokens().strip() in css


# What a script may ask: an address that stands in the page, written by us. The CSP (connect-src 'self') holds it to that.
ASKED = {"editing.js": ["form.dataset.presence", "form.dataset.presence", "fold.dataset.behind"]}


def test_styles_and_scripts_ask_no_other_host():
    for path in [*STATIC.rglob("*.css"), *STATIC.rglob("*.js")]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"url\(\s*['\"]?(https?:)?//|@import|XMLHttpRequest|WebSocket", text), path
        assert re.findall(r"\b(?:fetch|sendBeacon)\(([^,)]*)", text) == ASKED.get(path.name, []), path


def test_scripts_name_no_source_map():
    """One that is not there stops the collecting of static files."""
    for path in STATIC.rglob("*.js"):
        assert "sourceMappingURL" not in path.read_text(encoding="utf-8"), path
