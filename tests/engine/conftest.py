"""What the engine's tests share: helpers that can be imported, and hypothesis held still."""

import sys
from pathlib import Path

from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parents[2]))  # so that `tests.engine.oracles` can be imported

settings.register_profile("nnterm", deadline=None, derandomize=True, database=None, max_examples=40)
settings.load_profile("nnterm")
