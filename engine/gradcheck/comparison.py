"""The comparison of a whole gradient with finite differences: the plan of checks, and the rows of the report."""

import itertools
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from engine.arrays import Array
from engine.gradcheck.analytic import Analytic, norm_ratio, other_batch
from engine.gradcheck.coverage_gaps import blind_spots
from engine.gradcheck.diagnosis import diagnose
from engine.gradcheck.differences import LossSurface
from engine.gradcheck.events import USUAL_TOLERANCE as TOLERANCE
from engine.gradcheck.events import ParameterReport, Verdict
from engine.gradcheck.evidence import ALL_UP_TO, DIRECTIONS, Evidence, choose_places, strain
from engine.gradcheck.report import INPUT, NETWORK, Fault
from engine.gradcheck.rounding import LOSS, rounding_bounds
from engine.gradcheck.tensors import Tensor
from engine.nn.layers import BatchNorm
from engine.nn.network import Network

Check = Callable[[], None]
AMPLIFIED = 1e3
"""Size of a normalisation's inputs in batch deviations, beyond which the rounding of x − μ dominates the loss's."""


class GradientComparison:
    """Finite differences of one network on one batch, compared with its analytic gradients.

    Args:
        network: a borrowed one in float64.
        x: float64 rows (m, n_features); moved and restored by the check.
        targets: float64 (m, n_outputs).
        tensors: the network's parameters.
        analytic: its own gradients.
        seed: of the sample and of the directions.
    """

    def __init__(
        self, network: Network, x: Array, targets: Array, tensors: list[Tensor], analytic: Analytic, seed: int
    ) -> None:
        self._network, self._x, self._targets = network, x, targets
        self._rng = np.random.default_rng(seed)
        self.n_in_first_round = 0
        bounds = rounding_bounds(network, x, targets) if network.has_modes else {}
        noise = bounds[LOSS] if bounds and _amplifies(network, x) else 0.0
        self._surface = LossSurface(network, x, targets, network.theta, noise)
        self._input_surface = LossSurface(network, x, targets, x.reshape(-1), noise)
        self._evidence = [
            Evidence(tensor, analytic.gradient, bounds.get(tensor.name, 0.0)) for tensor in tensors
        ]
        everything = Tensor("all parameters", np.arange(len(network.theta)))
        of_all = float(np.linalg.norm([one.rounding for one in self._evidence]))
        self._whole = Evidence(everything, analytic.gradient, of_all)
        inputs = Tensor(INPUT, np.arange(x.size).reshape(x.shape))
        self._input = Evidence(inputs, analytic.input_gradient, bounds.get(INPUT, 0.0))

    def plan(self) -> list[Check]:
        """Return the checks in rounds: directions first, which cover all coordinates, then single coordinates.

        The first `n_in_first_round` checks are one of every tensor.
        """
        is_large = len(self._network.theta) > ALL_UP_TO
        rounds = [*self._rounds_of_directions(is_large), *self._rounds_of_coordinates(is_large)]
        self.n_in_first_round = len(rounds[0])
        return [check for one_round in rounds for check in one_round]

    def rows(self) -> dict[str, ParameterReport]:
        """Return one row per tensor, the input's last; a wrong one has a diagnosis."""
        rows = {one.tensor.name: self._row(one, self._surface) for one in self._evidence}
        rows[INPUT] = self._row(self._input, self._input_surface)
        return rows

    def errors(self) -> dict[str, Array]:
        """Return each tensor's relative errors in its shape; see `Evidence.map_of_errors`."""
        return {one.tensor.name: one.map_of_errors for one in (*self._evidence, self._input)}

    def faults(self) -> list[Fault]:
        """Return the faults that only the directions over all parameters have found."""
        if not self._whole.wrong or any(one.wrong for one in self._evidence):
            return []
        error = self._whole.worst.error
        return [
            Fault(NETWORK, f"along a random direction over all parameters the gradient is off by {error:.1e}")
        ]

    def blind_spots(self) -> list[str]:
        """Return the coverage gaps of this check."""
        return list(blind_spots(self._network, self._surface, self._evidence, len(self._x)))

    @property
    def directions_over_all(self) -> int:
        """Random directions over all parameters at once that were checked."""
        return self._whole.directions

    def _rounds_of_directions(self, is_large: bool) -> list[list[Check]]:
        if not is_large:
            return []
        everywhere = [*self._evidence, self._whole]
        over: list[Check] = [partial(one.check_direction, self._surface, self._rng) for one in everywhere]
        over.append(partial(self._input.check_direction, self._input_surface, self._rng))
        return [over] * DIRECTIONS

    def _rounds_of_coordinates(self, is_large: bool) -> list[list[Check]]:
        """Return rounds; the n-th has the n-th coordinate of each tensor that has that many."""
        turns = [self._coordinates(one, self._surface, is_large) for one in self._evidence]
        turns.append(self._coordinates(self._input, self._input_surface, True))
        rounds = itertools.zip_longest(*turns)
        return [[check for check in one_round if check is not None] for one_round in rounds]

    def _coordinates(self, one: Evidence, surface: LossSurface, only_a_sample: bool) -> Iterator[Check]:
        for place in choose_places(one.tensor, one.analytic, only_a_sample, self._rng):
            yield partial(one.check_coordinate, surface, place)

    def _row(self, one: Evidence, surface: LossSurface) -> ParameterReport:
        if not one.wrong:
            return row_of(one)
        x, targets = other_batch(self._x, self._targets)
        vector = x.reshape(-1) if one is self._input else self._network.theta
        other = LossSurface(self._network, x, targets, vector)
        return row_of(one, diagnose(one, surface, other, len(x), self._network.n_outputs))


def _amplifies(network: Network, x: Array) -> bool:
    """True if a normalisation divides by far less than the size of its inputs in the last forward pass.

    With equal samples x − μ is rounding alone, an ulp at some points and 0 at others: a jump that a measurement of the
    noise at a few points may miss.
    """
    inputs = [x, *(layer.output for layer in network.layers[:-1])]
    return any(
        isinstance(layer, BatchNorm)
        and layer.is_of_batch
        and bool((np.abs(values).max(axis=0) * layer.factor > AMPLIFIED).any())
        for layer, values in zip(network.layers, inputs, strict=True)
    )


def row_of(evidence: Evidence, diagnosis: str = "") -> ParameterReport:
    """Return the tensor's row; its values are those at the coordinate with the largest share of its tolerance."""
    tensor, errors = evidence.tensor, evidence.deviations
    worst = int(np.argmax([strain(one) for one in errors])) if errors else -1
    place = evidence.places[worst] if errors else int(tensor.places.flat[0])
    return ParameterReport(
        name=tensor.name,
        shape=tensor.shape,
        index=tensor.index_of(place),
        analytic=float(evidence.analytic[place]),
        finite_difference=evidence.slopes[worst].value if errors else None,
        largest_relative_error=evidence.worst.error,
        tolerance=TOLERANCE + evidence.worst.rounding,
        median_relative_error=float(np.median([one.error for one in errors])) if errors else 0.0,
        norm_ratio=norm_ratio(*evidence.pairs) if errors else None,
        checked=len(errors),
        directions=evidence.directions,
        kinks=evidence.kinks,
        verdict=_verdict(evidence),
        diagnosis=diagnosis or _kink_note(evidence),
    )


def _verdict(evidence: Evidence) -> Verdict:
    if evidence.wrong:
        return "wrong"
    if evidence.deviations or evidence.directions:
        return "ok"
    return "kink" if evidence.kinks else "unchecked"


def _kink_note(evidence: Evidence) -> str:
    if not evidence.kinks:
        return ""
    coordinates = "entry is" if evidence.kinks == 1 else "entries are"
    return f"{evidence.kinks} {coordinates} at a kink: not checked"
