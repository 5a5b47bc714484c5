"""The MNIST dataset: 70,000 handwritten digits, included in the package."""

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
    summary="Greyscale images, 28 × 28 pixels, of the digits 0 to 9; the test set has different writers.",
    source="Y. LeCun, C. Cortes, C. J. C. Burges; from NIST Special Databases 1 and 3",
    licence="CC BY-SA 3.0",
    suggestion=Suggestion((128, 64), "relu", "sgd", 0.1, 64, 10),
)


class Mnist:
    """60,000 training and the official 10,000 test images, (n, 1, 28, 28) uint8, mapped from the cache."""

    def describe(self, spec: DataSpec) -> DatasetInfo:
        """Return `INFO`.

        Raises:
            DataError: `spec` requests another task.
        """
        choose_task(INFO.name, spec.task, INFO.task, INFO.n_outputs)
        return INFO

    def read(self, spec: DataSpec) -> Parts:
        """Return the images, (n, 1, 28, 28) uint8, and their digits, (n,) int64; unpacks them on first use.

        Raises:
            DataError: `spec` requests another task, or the package's files are missing or damaged.
        """
        from engine.data.mnist_cache import load_arrays

        info = self.describe(spec)
        arrays = load_arrays()
        train, test = (
            Samples(arrays[f"{part}_x"][:, np.newaxis], arrays[f"{part}_y"].astype(np.int64))
            for part in ("train", "test")
        )
        return Parts(info, train, test)

    def auto_scale(self, info: DatasetInfo) -> Scale:
        """Return "unit": pixels from 0..255 to 0..1."""
        return "unit"
