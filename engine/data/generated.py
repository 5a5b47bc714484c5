"""Generated datasets: the class that they share, and the decorator that registers one from a function."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.arrays import AnyArray, Array
from engine.data.info import DatasetInfo, Kind, Suggestion, Task
from engine.data.samples import Parts, Samples, count_test_samples, labels_of
from engine.data.spec import DataSpec, Scale
from engine.data.stratify import draw
from engine.data.tasks import choose_task, count_outputs
from engine.errors import DataError

Formula = Callable[[int, float, np.random.Generator], tuple[Array, AnyArray]]
"""(samples, noise, rng) -> x (samples, n_features) float64, y: int64 classes (samples,) or values (samples, 1)."""

Family = dict[str, "Generated"]
"""The generated datasets of one module by name."""

MAX_SAMPLES = 10_000_000
"""Largest number of samples: more would take gigabytes and is probably a typing error."""


@dataclass(frozen=True, kw_only=True)
class Generated:
    """A dataset drawn by `formula`; the same seed gives the same samples."""

    name: str
    formula: Formula
    title: str
    task: Task
    kind: Kind
    samples: int
    """Default number of samples, test samples (a fifth) included."""
    noise: float
    """Default standard deviation of the noise."""
    suggestion: Suggestion
    class_names: tuple[str, ...] = ()
    """In the order of the classes; empty for a regression."""
    source: str = "nnterm"
    """Literature or library."""

    @property
    def n_features(self) -> int:
        """Number of features of a sample."""
        return 1 if self.kind == "curve" else 2

    def describe(self, spec: DataSpec) -> DatasetInfo:
        """Return the description for `spec`, without drawing samples.

        Raises:
            DataError: too few or too many samples, or an incompatible task.
        """
        total = self._count(spec)
        n_test = total if self.kind == "gate" else count_test_samples(total)
        n_classes = len(self.class_names)
        task = choose_task(self.name, spec.task, self.task, n_classes)
        return DatasetInfo(
            name=self.name,
            title=self.title,
            task=task,
            kind=self.kind,
            samples=total if self.kind == "gate" else total - n_test,
            test_samples=n_test,
            input_shape=(self.n_features,),
            n_outputs=count_outputs(task, n_classes),
            class_names=self.class_names,
            size_bytes=total * (4 * self.n_features + (8 if n_classes else 4)),
            summary=_first_paragraph(self.formula),
            source=self.source,
            licence="MIT, as nnterm",
            suggestion=self.suggestion,
        )

    def read(self, spec: DataSpec) -> Parts:
        """Return drawn samples, of which a fifth is the test set, stratified by class.

        A gate has no unseen cases: all its rows are both training and test samples.

        Raises:
            DataError: too few or too many samples, an incompatible task, or noise that overflows.
        """
        info = self.describe(spec)
        rng = np.random.default_rng(spec.seed)
        noise = self.noise if spec.noise is None else spec.noise
        with np.errstate(over="ignore", invalid="ignore"):
            x, y = self.formula(self._count(spec), noise, rng)
        if not (np.isfinite(x).all() and np.isfinite(y).all()):
            raise DataError(
                f"noise = {noise:g} is too large to compute with", f"{self.name} has {self.noise:g}"
            )
        drawn = Samples(x, y)
        if self.kind == "gate":
            return Parts(info, drawn, drawn)
        test, train = draw(labels_of(y), info.test_samples, rng, leave_one=True)
        return Parts(info, drawn.at(train), drawn.at(test))

    def auto_scale(self, info: DatasetInfo) -> Scale:
        """Return "none": the values are of order 1, and plots then show the network's inputs."""
        return "none"

    def _count(self, spec: DataSpec) -> int:
        total = spec.samples or self.samples
        minimum = 4 if self.kind == "gate" else max(5, 2 * len(self.class_names))
        if not minimum <= total <= MAX_SAMPLES:
            reason = f"samples = {total:,}: {self.name} needs {minimum} to {MAX_SAMPLES:,}"
            raise DataError(reason, f"omit it for {self.samples:,}")
        return total


def generated(
    family: Family,
    *,
    title: str,
    task: Task,
    kind: Kind,
    suggestion: Suggestion,
    samples: int = 1250,
    noise: float = 0.0,
    class_names: tuple[str, ...] = (),
    source: str = "nnterm",
) -> Callable[[Formula], Formula]:
    """Return a decorator that registers a formula in `family` under the function's name (`and_` as "and").

    The first paragraph of the function's docstring is the dataset's summary. The arguments are the fields of
    `Generated`.
    """

    def register(formula: Formula) -> Formula:
        name = formula.__name__.rstrip("_")
        family[name] = Generated(
            name=name,
            formula=formula,
            title=title,
            task=task,
            kind=kind,
            samples=samples,
            noise=noise,
            suggestion=suggestion,
            class_names=class_names,
            source=source,
        )
        return formula

    return register


def _first_paragraph(formula: Formula) -> str:
    paragraph = (formula.__doc__ or "").split("\n\n")[0]
    return " ".join(paragraph.split())


def class_of_each(samples: int, n_classes: int) -> AnyArray:
    """Return the classes 0, 1, ..., n_classes − 1, 0, ... in turn, int64, (samples,)."""
    return np.arange(samples, dtype=np.int64) % n_classes


def jitter(x: Array, noise: float, rng: np.random.Generator) -> Array:
    """Return `x` plus normal noise of standard deviation `noise`, same shape, float64."""
    return x + noise * rng.standard_normal(x.shape)
