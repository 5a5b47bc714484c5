"""The GPUs that CUDA_VISIBLE_DEVICES leaves visible, by the CUDA driver's rules."""

import pytest

from engine.devices import Gpu
from engine.devices.visible import visible_gpus

GPUS = (
    Gpu(index=0, name="a", uuid="GPU-aa11"),
    Gpu(index=1, name="b", uuid="GPU-bb22", mig_uuids=("MIG-1", "MIG-2")),
    Gpu(index=2, name="c", uuid="GPU-bb33"),
)


@pytest.mark.parametrize(
    ("value", "names", "bad", "repeated"),
    [
        (None, "abc", "", ""),
        ("", "", "", ""),
        ("-1", "", "", ""),
        ("0,2", "ac", "", ""),
        ("2,0", "ca", "", ""),
        (" 1 , 2", "bc", "", ""),
        ("0,7,1", "a", "7", ""),  # an entry without a GPU ends the list
        ("0,-1,1", "a", "", ""),
        ("1,1", "", "", "1"),  # a repeated entry empties it
        ("1gpu", "b", "", ""),
        ("GPU-aa", "a", "", ""),
        ("GPU-bb", "", "GPU-bb", ""),  # a prefix of two
        ("GPU-bb33,GPU-aa11", "ca", "", ""),
        ("GPU-ff", "", "GPU-ff", ""),
        ("MIG-2", "b", "", ""),
        ("NoDevFiles", "", "NoDevFiles", ""),
    ],
)
def test_the_visible_gpus(value: str | None, names: str, bad: str, repeated: str) -> None:
    seen = visible_gpus(GPUS, value)
    assert "".join(gpu.name for gpu in seen.gpus) == names
    assert (seen.bad, seen.repeated) == (bad, repeated)
