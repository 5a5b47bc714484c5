"""The gradient check of what a user has: a network, a loss with its gradient, or a PyTorch module."""

import sys
from collections.abc import Callable
from typing import Any, overload

from engine.arrays import AnyArray
from engine.errors import DataError
from engine.gradcheck import Report, checker
from engine.gradcheck.functions.checker import check_function
from engine.nn.network import Network

Function = Callable[..., Any]
Progress = Callable[[int, int], object]


@overload
def check_gradients(
    network: Network,
    x: AnyArray,
    y: AnyArray,
    *,
    budget_s: float = 5.0,
    seed: int = 0,
    progress: Progress | None = None,
) -> Report: ...
@overload
def check_gradients(
    network: Function,
    x: Any,
    y: Any,
    *,
    budget_s: float = 5.0,
    seed: int = 0,
    progress: Progress | None = None,
) -> Report: ...
def check_gradients(
    network: Any,
    x: Any,
    y: Any,
    *,
    budget_s: float = 5.0,
    seed: int = 0,
    progress: Progress | None = None,
) -> Report:
    """Compare gradients with central finite differences of the loss, in float64.

    `check_gradients(network, x, y)` checks a network's own gradient. With up to 4,000 parameters every coordinate is
    checked; in a larger network a sample of each tensor, plus random directions over each tensor and over all of them,
    which cover every coordinate. The loss, each activation and each layer are also checked alone, which separates a
    fault from its effects elsewhere. Where training and evaluation differ, both modes are checked, each with half of
    the time: training mode with dropout's masks fixed and each batch normalised by its own statistics, and evaluation
    mode.

    `check_gradients(loss, gradient, w)` checks two functions of your own, as `check_function` does.
    `check_gradients(module, x, y)` checks a `torch.nn.Module`, on a copy in float64, with the cross-entropy of its
    scores for integer classes and the mean squared error for values.

    Args:
        network: unchanged afterwards, bit for bit; must not be trained during the check.
        x: (m, *input_shape) or (m, n_features).
        y: (m,) classes or (m, n_outputs) values.
        budget_s: time for the differences; every tensor is checked at least once, and skipped checks are noted.
        seed: of the sample and the directions.
        progress: called with (checks done, checks planned); an exception raised by it ends the check.

    Returns:
        The report; `passed` is false for any gradient that is wrong or not finite. A kink does not fail the check.

    Raises:
        DataError: x or y does not fit the network, or the first argument is none of the three.
    """
    options: dict[str, Any] = {"budget_s": budget_s, "seed": seed, "progress": progress}
    if isinstance(network, Network):
        return checker.check_gradients(network, x, y, **options)
    if _is_module(network):
        from engine.torch.module_check import check_module

        return check_module(network, x, y, **options)
    if callable(network) and not isinstance(network, type) and callable(x):
        return check_function(network, x, y, **options)
    raise DataError(*_unfit(network, x))


def _is_module(subject: object) -> bool:
    """True for a `torch.nn.Module`; its program has imported torch."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(subject, torch.nn.Module)


def _unfit(subject: object, second: object) -> tuple[str, str]:
    """Return message and hint for a subject that cannot be checked."""
    if callable(subject) and not isinstance(subject, type):
        message = f"a function needs its gradient as the second argument, which is a {type(second).__name__}"
        return message, "call check_gradients(loss, gradient, w), two functions and the point"
    name = subject.__name__ if isinstance(subject, type) else f"a {type(subject).__name__}"
    hint = "wrap code of your own in two functions: check_gradients(loss, gradient, w); see docs/python.md"
    return f"check_gradients takes an engine.Network, a torch.nn.Module or two functions, not {name}", hint
