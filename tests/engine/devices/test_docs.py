"""docs/devices.md lists every code, and the situations cover nearly all of them."""

import re
from pathlib import Path

from tests.engine.devices.situations import CASES

PAGE = Path(__file__).parents[3] / "docs" / "devices.md"


def test_the_page_names_every_code_that_a_situation_gets() -> None:
    listed = PAGE.read_text("utf-8").partition("Codes:")[2].partition("##")[0]
    documented = set(re.findall(r"`([a-z0-9-]+)`", listed))
    reached = {code for case in CASES.values() for code in case.codes}
    assert reached <= documented
    assert documented - reached <= {"driver-failed"}


def test_there_are_more_than_thirty_situations() -> None:
    assert len(CASES) > 30
