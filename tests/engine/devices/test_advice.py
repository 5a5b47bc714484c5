"""The diagnosis of recorded machines: the advice, and the build that it names."""

import msgspec
import pytest

from engine.devices import Situation, advise
from tests.engine.devices.situations import CASES, Case


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_machine_gets_its_advice(case: Case) -> None:
    found = advise(case.situation)
    assert tuple(advice.code for advice in found) == case.codes
    assert found[0].command == case.command
    for word in case.words:
        assert word in found[0].message


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_most_severe_comes_first(case: Case) -> None:
    ranks = [["error", "warning", "info"].index(advice.severity) for advice in advise(case.situation)]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_situation_round_trips_through_json(case: Case) -> None:
    assert msgspec.json.decode(msgspec.json.encode(case.situation), type=Situation) == case.situation
