"""A stack of layers: their order, their modes and their parameters by name."""

from collections.abc import Iterator
from contextlib import contextmanager

from engine.arrays import Array
from engine.nn.layers import Dense, Layer, Mode
from engine.team import Team

ARRANGED = ("_first", "_hidden", "_hidden_downwards", "_has_hidden", "_moded", "_own")
"""Attributes that follow from `layers`."""


class LayerStack:
    """Layers in their order, the last one dense; the base class of a network."""

    layers: list[Layer]
    last: Dense
    team: Team | None = None
    """Threads that share large computations; None: the calling thread alone."""
    _pinned_mode: Mode | None

    def _arrange(self, layers: list[Layer], last: Dense) -> None:
        self.layers, self.last = layers, last
        self._first, self._hidden = layers[0], layers[:-1]
        self._hidden_downwards, self._has_hidden = self._hidden[::-1], bool(self._hidden)
        self._moded = [layer for layer in layers if layer.has_modes]
        self._own = [frozenset(vars(layer)) for layer in layers]

    @property
    def has_modes(self) -> bool:
        """True if a layer computes differently in training and in evaluation."""
        return bool(self._moded)

    @contextmanager
    def in_mode(self, training: bool) -> Iterator[None]:
        """Use one mode in all methods for the duration of the context.

        In training mode the running statistics are not updated and dropout uses the masks of the current step, so that
        the network's state does not change.
        """
        before = self._pinned_mode
        self._pinned_mode = Mode.TRIAL if training else Mode.EVALUATION
        try:
            yield
        finally:
            self._pinned_mode = before

    def share_with(self, team: Team | None) -> None:
        """Share large computations with the threads of `team`; None: compute in the calling thread.

        The bits of a result depend on the team's size. Copies of the network have no team.
        """
        self.team = team
        for layer in self.layers:
            layer.share_with(team)

    def set_step(self, step: int) -> None:
        """Set the number of the next update, from 0: it and the seed determine what layers draw at random."""
        for layer in self._moded:
            layer.step = step

    def _set_mode(self, mode: Mode) -> None:
        for layer in self._moded:
            layer.mode = self._pinned_mode or mode

    def parameters(self) -> Iterator[tuple[str, Array, Array]]:
        """Yield (name, view, gradient view) of each parameter.

        The views of `layers.0.weight` have shape (n_out, n_in), those of `layers.0.bias` (n_out,).
        """
        for layer in self.layers:
            yield from layer.parameters()

    def named_buffers(self) -> Iterator[tuple[str, Array]]:
        """Yield (name, view) of the state that has no gradient: `layers.1.running_mean` (n_out,), ..."""
        for layer in self.layers:
            yield from layer.named_buffers()
