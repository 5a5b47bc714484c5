"""PyTorch's optimizers over one flat parameter, with our state. Imports torch; import it inside a function."""

import torch
from torch import Tensor

from engine.optim.optimizer import Optimizer, OptimizerState
from engine.torch.trajectory.optimizers import make_optimizer


class TorchOptimizer:
    """Updates `theta` by `grad`; owns the optimizer's vectors on the device.

    Uses PyTorch's own optimizers, fused into one kernel if the device has one: over a single flat tensor that is one
    launch and one pass over the memory. The trajectory check compares the same classes with ours.

    Args:
        options: ours.
        theta: (n_parameters,), changed in place.
        grad: (n_parameters,), read.

    Raises:
        NoTwinError: PyTorch has no such optimizer.
    """

    def __init__(self, options: Optimizer, theta: Tensor, grad: Tensor) -> None:
        self._theta, self._grad = theta, grad
        self._leaf = torch.nn.Parameter(theta)
        self._leaf.grad = grad
        self._optimizer = make_optimizer(options, [self._leaf], fused=_has_fused(options, theta.device.type))
        self._group = self._optimizer.param_groups[0]
        self._names = dict(zip(options.state_names, options.torch_state_names, strict=True))
        self._is_plain = options.torch_name == "SGD" and not options.weight_decay
        self._is_fused = bool(self._group.get("fused"))
        self._updates, self._is_one_subtraction = 0, False

    def load(self, state: OptimizerState) -> None:
        """Copy our vectors and the number of updates to the device."""
        self._is_one_subtraction = self._is_plain and not state.vectors
        mine: dict[str, Tensor] = self._optimizer.state[self._leaf]
        self._updates = state.updates
        for name, vector in state.vectors.items():
            mine[self._names[name]] = torch.from_numpy(vector.copy()).to(self._leaf.device)
        counts_on = self._leaf.device if self._is_fused else "cpu"
        mine["step"] = torch.tensor(float(state.updates), device=counts_on)

    def store(self, state: OptimizerState) -> None:
        """Copy the vectors and the number of updates into ours."""
        mine = self._optimizer.state[self._leaf]
        state.updates = self._updates
        for name, vector in state.vectors.items():
            torch.from_numpy(vector).copy_(mine[self._names[name]])

    def step(self, rate: float) -> None:
        """Make one update at a learning rate."""
        self._updates += 1
        if self._is_one_subtraction:  # saves a tenth of a small network's step
            self._theta.add_(self._grad, alpha=-rate)
            return
        self._group["lr"] = rate
        self._optimizer.step()


def _has_fused(options: Optimizer, kind: str) -> bool:
    """True if PyTorch has one kernel for the whole update on this kind of device."""
    if options.name == "adagrad":
        return kind == "cpu"
    return options.name != "rmsprop" and kind in ("cpu", "cuda", "mps", "xpu")
