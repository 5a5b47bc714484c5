"""The benchmark's cases: network, data, batch and optimizer."""

import msgspec

from engine.experiment.experiment import Experiment


class BenchCase(msgspec.Struct, frozen=True):
    """One training setting that every contender runs."""

    name: str
    dataset: str
    hidden: tuple[int, ...]
    batch_size: int
    """0: the whole training set at once."""
    optimizer: str = "sgd"
    lr: float = 0.05
    activation: str = "relu"
    all_cores: bool = False
    """True if every contender may use all cores, each with its own default; False: one core, one thread."""

    def experiment(self) -> Experiment:
        """Return the case as an experiment that trains on all samples until it is stopped."""
        return Experiment.quick(
            self.dataset,
            self.hidden,
            activation=self.activation,
            optimizer=self.optimizer,
            lr=self.lr,
            batch_size=self.batch_size,
            epochs=1_000_000,
            validation=0.0,
            threads=None if self.all_cores else 1,
        )


CASES: dict[str, BenchCase] = {
    case.name: case
    for case in (
        BenchCase("mnist-16-sgd", "mnist", (128, 64), 16),
        BenchCase("mnist-64-sgd", "mnist", (128, 64), 64),
        BenchCase("mnist-128-sgd", "mnist", (128, 64), 128),
        BenchCase("mnist-512-sgd", "mnist", (128, 64), 512),
        BenchCase("mnist-64-adam", "mnist", (128, 64), 64, optimizer="adam", lr=0.001),
        BenchCase("wide-256-sgd", "mnist", (1024, 1024), 256),
        BenchCase("wide-2048-sgd", "mnist", (2048, 2048), 512, all_cores=True),
        BenchCase("spirals-32-sgd", "spirals", (64, 64), 32),
        BenchCase("xor-sgd", "xor", (4,), 0, lr=0.5, activation="tanh"),
    )
}
