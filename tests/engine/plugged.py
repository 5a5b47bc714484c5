"""Registries that a test may add to."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from engine.plugins import loading
from engine.plugins.registering import DATASETS, FAMILIES


@contextmanager
def free_registries() -> Iterator[None]:
    """Undo at the end of the block what was registered in it, and what nnterm has loaded for it."""
    registries = [DATASETS, *(family.members for family in FAMILIES)]
    before = [dict(members) for members in registries]
    loading._load.cache_clear()
    try:
        yield
    finally:
        for members, known in zip(registries, before, strict=True):
            members.clear()
            members.update(known)
        for name in [name for name in sys.modules if name.startswith("nnterm_plugin_")]:
            del sys.modules[name]
        loading._load.cache_clear()
