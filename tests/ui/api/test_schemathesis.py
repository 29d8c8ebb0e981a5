"""REST asked all that its own description allows, and what it forbids, by schemathesis."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from page_support import serving
from tests_support import BASRA, PATIENCE, QOM, SEEDS

from rag import Library
from ui.security.api_keys import Keys
from ui.security.passwords import write_password

# The same requests each time. A question that makes no sense (400), and a file of a kind that is
# not read (415), are as described and yet refused.
CONFIGURATION = f"""
request-timeout = {PATIENCE}
suppress-health-check = ["too_slow"]

[generation]
max-examples = 10
deterministic = true
database = "none"

[checks]
positive_data_acceptance.expected-statuses = [
    "2xx", "3xx", "400", "401", "403", "404", "409", "415"
]
"""


@pytest.mark.slow
def test_rest_is_as_it_is_described(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    with Library.open(folder, model="hashing") as library:
        library.add([SEEDS / BASRA, SEEDS / QOM])
    write_password(folder / "password", "correct horse")
    key = Keys(folder / "keys").add("schemathesis", "write")
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION)
    with serving(tmp_path, "--library", str(folder), "--model", "hashing") as address:
        done = subprocess.run(
            [Path(sys.executable).parent / "st", "--config-file", "schemathesis.toml", "run",
             f"{address}/api/openapi.json", "--header", f"Authorization: Bearer {key}",
             "--workers", "1", "--no-color"],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout[-8_000:]
    assert "Tested: 39" in done.stdout
    [(made, passed)] = re.findall(r"(\d+) generated, (\d+) passed", done.stdout)
    assert int(made) == int(passed) > 300
