"""The same seed gives the same bits as in the release before the packages."""

import json
import math
from typing import Any

import numpy as np
import pytest

from tests.engine.release_digests import EXPERIMENTS, RECORD, digest, machine, train

KNOWN: dict[str, Any] = json.loads(RECORD.read_text())


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_training_ends_in_the_weights_of_the_last_release(name: str) -> None:
    state = train(EXPERIMENTS[name])
    expected = KNOWN["digests"].get(machine())
    if expected is not None:
        assert digest(state) == expected[name]
    norm = math.sqrt(float(np.vdot(state, state)))
    assert norm == pytest.approx(KNOWN["norms"][name], rel=1e-3)
