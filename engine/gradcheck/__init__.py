"""The gradient check: a network's own gradients against finite differences of its loss.

Names load on first use, so that `engine.gradcheck.events` can be imported without NumPy.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.gradcheck.checker import check_gradients
    from engine.gradcheck.events import ParameterReport
    from engine.gradcheck.report import Fault, Report

_HOMES = {
    "Fault": "engine.gradcheck.report",
    "ParameterReport": "engine.gradcheck.events",
    "Report": "engine.gradcheck.report",
    "check_gradients": "engine.gradcheck.checker",
}

__all__ = ["Fault", "ParameterReport", "Report", "check_gradients"]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'engine.gradcheck' has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)
