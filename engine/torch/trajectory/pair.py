"""Our training and PyTorch's, advanced together step by step and compared after each."""

import math
from collections.abc import Generator, Iterator
from contextlib import closing
from functools import partial

import numpy as np

from engine.arrays import AnyArray, Array
from engine.errors import NntermError
from engine.events import Steps
from engine.gradcheck.coverage_gaps import taken_out_again
from engine.gradcheck.kinks import Sides, equal, sides_of, watches_kinks
from engine.gradcheck.raised import fault_of
from engine.gradcheck.report import NETWORK
from engine.nn.network import Network
from engine.torch.trajectory.departure import OneStep, explain
from engine.torch.trajectory.drift import Drift, GrowthPoint, TensorDrift
from engine.torch.trajectory.events import Cause, Departure
from engine.torch.trajectory.sample_order import order_fault
from engine.torch.trajectory.sides import buffers_of, counted, updates, vector_of
from engine.torch.trajectory.statistics import OURS, PERTURBED, THEIRS, RunningStatistics
from engine.training.batches import BatchSource
from engine.training.trainer import Trainer

PERTURBATION = 1e-15
"""Relative change of each parameter of the perturbed training at each step: a few units of rounding."""


class TrainingPair:
    """Two trainings side by side, and a copy of ours with rounding errors added.

    Args:
        trainer: ours, in float64, with one event per step; owned by the pair.
        perturbed: a second one, perturbed by `PERTURBATION` at each step.
        device: of PyTorch.

    Raises:
        NoTwinError: a part of the training has no counterpart in PyTorch.
    """

    def __init__(self, trainer: Trainer, perturbed: Trainer, device: str) -> None:
        from engine.torch.trajectory.torch_side import TorchTraining

        self.trainer, self.device = trainer, device
        self.steps = 0
        """Number of steps compared."""
        self.rate = 0.0
        """Our learning rate at the last step compared."""
        self.departure: Departure | None = None
        """The step at which the trainings departed, explained; None if they did not."""
        self.kink_step: int | None = None
        """The first step with the two on different sides of a kink, after which they may differ."""
        self.perturbed_until: int | None = None
        """The last step for which the perturbed training measures rounding; None: all so far."""
        self.notes: list[str] = []
        network, training, data = trainer.network, trainer.experiment.training, trainer.data
        self.drift = Drift({name: view.size for name, view, _ in network.parameters()})
        idle = taken_out_again(network)
        self._counts = counted(network, idle)
        self.notes += [
            f"{name} is not compared: {norm} subtracts it again, and its gradient is rounding only"
            for name, norm in idle.items()
        ]
        self.statistics = RunningStatistics(network)
        self._twin = TorchTraining(network, training, trainer.total_steps, trainer.steps_per_epoch, device)
        self._perturbed = perturbed
        self._rng = np.random.default_rng(0)
        self._probe = network.copy()
        self._theirs = self._twin.parameters
        self._watches_kinks = watches_kinks(network)
        classifies = data.task != "regression"
        self._source = BatchSource(network, data, trainer.batch_size, trainer.experiment.seed, classifies)
        self._first_loss: float | None = None

    def run(self, steps: int) -> Generator[int, None, None]:
        """Make `steps` updates on each side, yielding the number made after each; fewer if ours diverges."""
        from engine.torch.autograd import one_thread

        with (
            one_thread(),
            closing(updates(self.trainer)) as ours,
            closing(updates(self._perturbed)) as perturbed,
        ):
            for step in range(steps):
                batch = step % self.trainer.steps_per_epoch
                if not self._guarded_step(ours, perturbed, *self._batch(step)):
                    return
                if batch + 1 == self.trainer.steps_per_epoch:
                    self._twin.end_epoch(self.trainer.data.validation)
                yield self.steps

    @property
    def values(self) -> tuple[dict[str, Array], dict[str, Array]]:
        """Our parameters and PyTorch's by name, each in its shape, and then the running statistics of both."""
        ours = {name: view.copy() for name, view, _ in self.trainer.network.parameters()}
        theirs = {name: view.copy() for name, view, _ in self._at(self._theirs).parameters()}
        ours |= self.statistics.values(OURS, buffers_of(self.trainer.network))
        return ours, theirs | self.statistics.values(THEIRS, self._twin.buffers)

    @property
    def tensors(self) -> dict[str, TensorDrift]:
        """The drift of all parameters and running statistics by name."""
        return self.drift.tensors | self.statistics.drift.tensors

    def growth(self) -> list[GrowthPoint]:
        """Return the differences after 1, 2, 5, 10, ... steps, and after the last."""
        points = self.drift.growth
        is_last = points and points[-1].step == self.steps
        return points if is_last or not self.steps else [*points, self.drift.point(self.steps)]

    def _batch(self, step: int) -> tuple[Array, AnyArray]:
        """Return the samples of a step, x (m, n_features) and y, gathered independently of the training loop."""
        from engine.torch.trajectory.torch_side import gather

        epoch, batch = divmod(step, self.trainer.steps_per_epoch)
        order = self._source.start_epoch(epoch, records=False)
        start = batch * self.trainer.batch_size
        return gather(self.trainer.data.train, order[start : start + self.trainer.batch_size])

    def _guarded_step(self, ours: Iterator[Steps], perturbed: Iterator[Steps], x: Array, y: AnyArray) -> bool:
        """Do as `_step_together`; an exception of the network's code is a departure, and the end."""
        try:
            return self._step_together(ours, perturbed, x, y)
        except NntermError:
            raise
        except Exception as error:
            networks = self.trainer.network, self._perturbed.network, self._probe
            found = [fault_of(error, network) for network in networks]
            fault = next((one for one in found if one.culprit != NETWORK), found[0])
            self.departure = self.departure or self.departure_at(
                "exception", fault.culprit, fault.message, self.steps + 1
            )
            return False

    def order_fault(self) -> tuple[int, str] | None:
        """Test the order of the samples as an order; return the step, from 1, of a wrong one, and the reason."""
        data, m = self.trainer.data, self.trainer.batch_size
        if m >= len(data.train):
            return None
        seed = self.trainer.experiment.seed + 1
        other = BatchSource(self.trainer.network, data, m, seed, data.task != "regression")
        of_epoch, of_other_seed = (partial(one.start_epoch, records=False) for one in (self._source, other))
        found = order_fault(of_epoch, of_other_seed, len(data.train))
        return None if found is None else (found[0] * self.trainer.steps_per_epoch + 1, found[1])

    def departure_at(self, cause: Cause, part: str, message: str, step: int) -> Departure:
        """Return the departure of a part at a step, counted from 1, with the rates of now."""
        return Departure(
            step=step,
            tensor=part,
            learning_rate=self.trainer.current_rate,
            torch_learning_rate=self._twin.rate,
            cause=cause,
            message=message,
        )

    def _step_together(
        self, ours: Iterator[Steps], perturbed: Iterator[Steps], x: Array, y: AnyArray
    ) -> bool:
        """Make one update on each side and compare; return False if ours diverged."""
        before, torch_before, torch_rate = self._ours(), self._theirs, self._twin.rate
        sides = {OURS: before, THEIRS: torch_before, PERTURBED: vector_of(self._perturbed.network)}
        self._watch_sides(x, y, before)
        event = next(ours, None)
        torch_loss = self._twin.step(x, y)
        self._theirs = self._twin.parameters
        if event is None or self.trainer.has_diverged:
            self._end_diverged(torch_loss)
            return False
        self.steps, self.rate = self.steps + 1, event.learning_rate
        self._perturb(next(perturbed, None), event.learning_rate)
        perturbed_theta = None
        if self.perturbed_until is None:
            perturbed_theta = vector_of(self._perturbed.network) * self._counts
        bad = self.drift.add(
            self.steps, self._ours() * self._counts, self._theirs * self._counts, perturbed_theta
        )
        for side, parameters in sides.items():
            self.statistics.follow(side, parameters, len(x))
        statistic = self.statistics.add(
            self.steps,
            buffers_of(self.trainer.network),
            self._twin.buffers,
            buffers_of(self._perturbed.network) if self.perturbed_until is None else None,
        )
        if self.departure is not None or self.kink_step is not None:
            return True
        if bad is None and statistic is not None:
            self.departure = self._of_statistic(statistic)
        if bad is not None:
            one = OneStep(
                before=self._before(before),
                moved=self._ours() - before,
                torch_moved=self._theirs - torch_before,
                x=x,
                y=y,
                loss=event.losses[-1] if event.losses else None,
                torch_loss=torch_loss,
                rate=event.learning_rate,
                torch_rate=torch_rate,
            )
            self.departure = self._explain(bad, one)
        return True

    def _perturb(self, event: Steps | None, rate: float) -> None:
        """Perturb our second training after a step; once its learning rate differs it no longer measures rounding."""
        if self.perturbed_until is not None:
            return
        if (
            event is None
            or self._perturbed.has_diverged
            or not math.isclose(event.learning_rate, rate, rel_tol=1e-9)
        ):
            self.perturbed_until = self.steps
        theta = self._perturbed.network.theta
        theta *= 1 + PERTURBATION * self._rng.choice(
            (-1.0, 1.0), len(theta)
        )  # what is 0 stays 0, and at its kink

    def _watch_sides(self, x: Array, y: AnyArray, ours: Array) -> None:
        """Note the first batch on different sides of a kink in the two trainings: from there on they may differ."""
        if not self._watches_kinks or self.departure is not None or self.kink_step is not None:
            return
        sides = self._sides_at(ours, x, y).kinks
        if not equal(self._sides_at(self._theirs, x, y).kinks, sides):
            self.kink_step = self.steps + 1
        elif self.perturbed_until is None and not equal(
            self._sides_at(vector_of(self._perturbed.network), x, y).kinks, sides
        ):
            self.perturbed_until = self.steps

    def _sides_at(self, parameters: Array, x: Array, y: AnyArray) -> Sides:
        probe = self._at(parameters)
        probe.set_step(self.steps)
        with np.errstate(all="ignore"), probe.in_mode(training=True):
            probe.scores(probe.as_rows(x))
        return sides_of(probe, probe.encode(y))

    def _of_statistic(self, name: str) -> Departure:
        ours, theirs = (values[name] for values in self.values)
        worst = int(np.argmax(np.abs(ours - theirs)))
        message = f"the parameters agree, but unit {worst} has {ours[worst]:.6g} here and {theirs[worst]:.6g} in PyTorch"
        return self.departure_at("running statistics", name, message, self.steps)

    def _explain(self, tensor: str, one: OneStep) -> Departure:
        cause, message = explain(one, self.trainer.experiment.training, self.device)
        return Departure(
            step=self.steps,
            tensor=tensor,
            learning_rate=one.rate,
            torch_learning_rate=one.torch_rate,
            cause=cause,
            message=message,
        )

    def _end_diverged(self, torch_loss: float) -> None:
        """Handle our divergence, which resets our weights: PyTorch's training must have diverged as well."""
        step = self.steps + 1
        ceiling = self.trainer.position.ceiling
        finite = bool(np.isfinite(self._theirs).all())
        if finite and abs(torch_loss) < ceiling and self.departure is None:
            worst = max(self.drift.tensors, key=lambda name: self.drift.tensors[name].difference)
            message = "the training diverged, PyTorch's did not"
            self.departure = self.departure_at("divergence", worst, message, step)
        self.notes.append(f"the training diverged at step {step}: compared up to that step")

    def _ours(self) -> Array:
        """Return a copy of all our parameters, tensor by tensor in PyTorch's order, (n_parameters,)."""
        return vector_of(self.trainer.network)

    def _before(self, parameters: Array) -> Network:
        """Return the network before the last step, with that step's masks."""
        network = self._at(parameters)
        network.set_step(self.steps - 1)
        return network

    def _at(self, parameters: Array) -> Network:
        """Return a network with these parameters (n_parameters,); the next call changes it."""
        start = 0
        self._probe.buffers[:] = self.trainer.network.buffers
        for _, view, _ in self._probe.parameters():
            view[...] = parameters[start : start + view.size].reshape(view.shape)
            start += view.size
        return self._probe
