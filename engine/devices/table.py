"""PyTorch's releases, CUDA versions, GPU architectures and the drivers that they need.

Sources: PyTorch's RELEASE.md and its release matrices (github.com/pytorch/pytorch issues 172352, 172663, 178665, 190355,
190385, pull 182849); `torch.cuda.PYTORCH_RELEASES_CODE_CC` of torch 2.13; NVIDIA's CUDA release notes, tables 2 and 3,
and docs.nvidia.com/deploy/cuda-compatibility. A new release of PyTorch is one row in RELEASES.
"""

import msgspec

Version = tuple[int, ...]
Capability = tuple[int, int]
"""A GPU's compute capability, or the architecture that a kernel was compiled for: (8, 6) is sm_86."""

PACKAGE_INDEX = "https://download.pytorch.org/whl"
X86, ARM = "x86_64", "aarch64"


class Toolkit(msgspec.Struct, frozen=True):
    """A CUDA version that wheels are built with, and the drivers that run them."""

    name: str
    """Name in the package index: cu126."""
    driver: Version | None
    """The driver released with this CUDA for Linux; an older one lacks some features. None: not known."""
    floor: Version
    """The oldest driver that runs this CUDA."""


class Wheel(msgspec.Struct, frozen=True):
    """One build of one release."""

    toolkit: str
    architectures: tuple[Capability, ...]
    experimental: bool = False


class Release(msgspec.Struct, frozen=True):
    """A release of PyTorch: its newest patch version, and its CUDA wheels by CPU architecture, oldest CUDA first."""

    version: Version
    wheels: dict[str, tuple[Wheel, ...]]


TOOLKITS = {
    toolkit.name: toolkit
    for toolkit in (
        Toolkit("cu118", driver=(520, 61, 5), floor=(450, 80, 2)),
        Toolkit("cu126", driver=(560, 28, 3), floor=(525,)),
        Toolkit("cu128", driver=(570, 26), floor=(525,)),
        Toolkit("cu129", driver=(575, 51, 3), floor=(525,)),
        Toolkit("cu130", driver=(580, 65, 6), floor=(580,)),
        Toolkit("cu132", driver=None, floor=(580,)),
    )
}
FLOORS: dict[int, Version] = {11: (450, 80, 2), 12: (525,), 13: (580,)}
"""Oldest driver by CUDA's major version, for builds that are not in TOOLKITS."""

BLACKWELL_MAJOR, BLACKWELL_DRIVER = 10, (570,)
"""Smallest major compute capability of Blackwell, and the oldest driver that supports it."""

_BEFORE_BLACKWELL: tuple[Capability, ...] = ((5, 0), (6, 0), (7, 0), (7, 5), (8, 0), (8, 6), (9, 0))
_FROM_TURING: tuple[Capability, ...] = ((7, 5), (8, 0), (8, 6), (9, 0), (10, 0), (12, 0))
_FROM_VOLTA: tuple[Capability, ...] = ((7, 0), *_FROM_TURING)
_ARM_126: tuple[Capability, ...] = ((8, 0), (9, 0))
_ARM_128: tuple[Capability, ...] = ((8, 0), (9, 0), (10, 0), (12, 0))
_ARM_130: tuple[Capability, ...] = ((8, 0), (9, 0), (10, 0), (11, 0), (12, 0))

_CU118, _CU126 = Wheel("cu118", _BEFORE_BLACKWELL), Wheel("cu126", _BEFORE_BLACKWELL)
_CU128, _CU128_TURING = Wheel("cu128", _FROM_VOLTA), Wheel("cu128", _FROM_TURING)
_CU129, _CU130, _CU132 = (Wheel(name, _FROM_TURING) for name in ("cu129", "cu130", "cu132"))
_CU132_TRIAL = Wheel("cu132", _FROM_TURING, experimental=True)
_ARM_CU126, _ARM_CU128 = Wheel("cu126", _ARM_126), Wheel("cu128", _ARM_128)
_ARM_CU130, _ARM_CU132 = Wheel("cu130", _ARM_130), Wheel("cu132", _ARM_130)
_ARM_CU132_TRIAL = Wheel("cu132", _ARM_130, experimental=True)

RELEASES = (
    Release((2, 7, 1), {X86: (_CU118, _CU126, _CU128)}),
    Release((2, 8, 0), {X86: (_CU126, _CU128, _CU129)}),
    Release((2, 9, 1), {X86: (_CU126, _CU128, _CU130)}),
    Release((2, 10, 0), {X86: (_CU126, _CU128, _CU130)}),
    Release(
        (2, 11, 0),
        {X86: (_CU126, _CU128_TURING, _CU130), ARM: (_ARM_CU126, _ARM_CU128, _ARM_CU130)},
    ),
    Release(
        (2, 12, 1), {X86: (_CU126, _CU130, _CU132_TRIAL), ARM: (_ARM_CU126, _ARM_CU130, _ARM_CU132_TRIAL)}
    ),
    Release(
        (2, 13, 0), {X86: (_CU126, _CU130, _CU132_TRIAL), ARM: (_ARM_CU126, _ARM_CU130, _ARM_CU132_TRIAL)}
    ),
    Release((2, 14, 1), {X86: (_CU126, _CU130, _CU132), ARM: (_ARM_CU126, _ARM_CU130, _ARM_CU132)}),
    Release((2, 15, 0), {X86: (_CU130, _CU132), ARM: (_ARM_CU130, _ARM_CU132)}),
)
"""Oldest first. ARM wheels are listed from 2.11 on, where they are confirmed."""

GENERATIONS: tuple[tuple[Capability, str], ...] = (
    ((10, 0), "Blackwell"),
    ((9, 0), "Hopper"),
    ((8, 9), "Ada"),
    ((8, 0), "Ampere"),
    ((7, 5), "Turing"),
    ((7, 0), "Volta"),
    ((6, 0), "Pascal"),
    ((5, 0), "Maxwell"),
    ((3, 0), "Kepler"),
    ((2, 0), "Fermi"),
)
"""NVIDIA's architectures by their smallest compute capability, newest first."""

JETSON: frozenset[Capability] = frozenset({(5, 3), (6, 2), (7, 2), (8, 7)})
"""Integrated GPUs, which run only binaries for exactly their capability (torch.cuda.DEVICE_REQUIREMENT)."""

LAST_INTEL_MAC = "2.2"
"""The last release with wheels for Intel Macs."""
FIRST_ACCELERATOR_API: Version = (2, 6)
"""The first release with `torch.accelerator`."""
ROCM_INDEX = "rocm7.2"
"""The ROCm build of the newest releases; see pytorch.org/get-started for the current one."""


def generation(capability: Capability) -> str:
    """Return the name of a GPU's architecture: Ampere for (8, 6)."""
    known = (name for first, name in GENERATIONS if capability >= first)
    return next(known, "before Fermi")
