"""MNIST as a dataset: 70,000 handwritten digits that come with the package."""

import numpy as np

from engine.data.info import DatasetInfo, Suggestion
from engine.data.samples import Parts, Samples
from engine.data.spec import DataSpec, Scale
from engine.data.tasks import choose_task

INFO = DatasetInfo(
    name="mnist",
    title="MNIST handwritten digits",
    task="classification",
    kind="images",
    samples=60_000,
    test_samples=10_000,
    input_shape=(1, 28, 28),
    n_outputs=10,
    class_names=tuple("0123456789"),
    size_bytes=70_000 * (28 * 28 + 1),
    summary="Grey pictures, 28 × 28 pixels, of the digits 0 to 9 by 250 writers; the test is by 250 others.",
    source="Y. LeCun, C. Cortes, C. J. C. Burges; from NIST Special Databases 1 and 3",
    licence="CC BY-SA 3.0",
    suggestion=Suggestion((128, 64), "relu", "sgd", 0.1, 64, 10),
)


class Mnist:
    """The full set, 60,000 to train on and the official 10,000 for the test; uint8, mapped from the cache."""

    def describe(self, spec: DataSpec) -> DatasetInfo:
        """Return `INFO`; raises DataError where `spec` asks for another task."""
        choose_task(INFO.name, spec.task, INFO.task, INFO.n_outputs)
        return INFO

    def read(self, spec: DataSpec) -> Parts:
        """Return the pictures, (n, 1, 28, 28) uint8, and their digits, after unpacking them at first use."""
        from engine.data.mnist_cache import load_arrays

        info = self.describe(spec)
        arrays = load_arrays()
        train, test = (
            Samples(arrays[f"{part}_x"][:, np.newaxis], arrays[f"{part}_y"].astype(np.int64))
            for part in ("train", "test")
        )
        return Parts(info, train, test)

    def auto_scale(self, info: DatasetInfo) -> Scale:
        """Pixels from 0..255 to 0..1."""
        return "unit"
