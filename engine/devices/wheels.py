"""The builds of PyTorch that run on given GPUs with a given driver."""

from collections.abc import Iterable, Sequence
from itertools import groupby

import msgspec

from engine.devices.table import (
    ARM,
    BLACKWELL_DRIVER,
    BLACKWELL_MAJOR,
    JETSON,
    PACKAGE_INDEX,
    RELEASES,
    TOOLKITS,
    X86,
    Capability,
    Release,
    Version,
    Wheel,
)
from engine.devices.versions import is_at_least, parse_version, show_version


class FittingWheel(msgspec.Struct, frozen=True):
    """A build that fits: its release's newest patch version, its CUDA, and the command that installs it."""

    version: Version
    toolkit: str

    @property
    def command(self) -> str:
        """The pip command; the local version makes pip replace another build of the same release."""
        return f'pip install "torch=={show_version(self.version)}+{self.toolkit}" --index-url {index_of(self.toolkit)}'


def index_of(build: str) -> str:
    """Return the address of the package index that holds a build: cu126, cpu, rocm7.2, xpu."""
    return f"{PACKAGE_INDEX}/{build}"


def runs_on(architecture: Capability, gpu: Capability) -> bool:
    """Return True if a binary for `architecture` runs on a GPU: one of the same major version, and not older.

    Source: CUDA C Programming Guide, "Binary compatibility"; Jetson's integrated GPUs run only their own binaries.
    """
    if architecture in JETSON or gpu in JETSON:
        return architecture == gpu
    return architecture[0] == gpu[0] and architecture[1] <= gpu[1]


def parse_architectures(names: Iterable[str]) -> tuple[tuple[Capability, ...], tuple[Capability, ...]]:
    """Return the binaries (`sm_90`, `sm_90a`) and the intermediate code (`compute_120`) of `get_arch_list()`."""
    found: dict[str, list[Capability]] = {"sm": [], "compute": []}
    for name in names:
        kind, _, digits = name.partition("_")
        digits = digits.rstrip("abcdefghijklmnopqrstuvwxyz")
        if kind in found and digits.isdigit():
            found[kind].append((int(digits[:-1]), int(digits[-1])))
    return tuple(found["sm"]), tuple(found["compute"])


def is_compiled_for(names: Sequence[str], gpu: Capability) -> bool:
    """Return True if a build with these architectures has kernels for a GPU, or code that the driver can compile."""
    binaries, intermediate = parse_architectures(names)
    return any(runs_on(binary, gpu) for binary in binaries) or any(code <= gpu for code in intermediate)


def driver_runs(toolkit: str, driver: Version, gpus: Iterable[Capability] = ()) -> bool:
    """Return True if a driver runs this CUDA on these GPUs."""
    needs_new = any(gpu[0] >= BLACKWELL_MAJOR for gpu in gpus)
    if needs_new and not is_at_least(driver, BLACKWELL_DRIVER):
        return False
    return is_at_least(driver, TOOLKITS[toolkit].floor)


def is_covered(toolkit: str, driver: Version) -> bool:
    """Return True if a driver is at least the one released with this CUDA, so that no feature is missing."""
    known = TOOLKITS[toolkit]
    return is_at_least(driver, known.driver or known.floor)


def fitting_wheel(
    release: Release, machine: str, driver: Version, gpus: Sequence[Capability]
) -> Wheel | None:
    """Return the newest wheel of a release that a driver runs and that has kernels for all `gpus`.

    A stable wheel precedes an experimental one, and one with full driver support one with features missing. An unknown
    driver (empty) is assumed to run everything. `machine` is that of `platform.machine()`.
    """
    fitting = [
        wheel
        for wheel in release.wheels.get(_family(machine), ())
        if all(any(runs_on(built, gpu) for built in wheel.architectures) for gpu in gpus)
        and (not driver or driver_runs(wheel.toolkit, driver, gpus))
    ]
    ranked = sorted(
        enumerate(fitting),
        key=lambda one: (
            not one[1].experimental,
            not driver or is_covered(one[1].toolkit, driver),
            one[0],
        ),
    )
    return ranked[-1][1] if ranked else None


def best_fit(
    machine: str, driver: Version, gpus: Sequence[Capability], installed: str = "", other_than: str = ""
) -> FittingWheel | None:
    """Return the build to install, of the `installed` release if one fits, else of the newest that has one; or None.

    Args:
        machine: from `platform.machine()`.
        driver: NVIDIA's, empty if unknown.
        gpus: compute capabilities of all visible GPUs.
        installed: PyTorch's version, empty if not installed.
        other_than: a build known not to work, cu130, left out of the installed release.
    """
    now = parse_version(installed)
    for release in RELEASES:
        if now and release.version[:2] == now[:2]:
            wheel = fitting_wheel(_without(release, other_than), machine, driver, gpus)
            if wheel is not None:
                return FittingWheel(now[:3], wheel.toolkit)
    for release in reversed(RELEASES):
        wheel = fitting_wheel(release, machine, driver, gpus)
        if wheel is not None and not (release.version[:2] == now[:2] and wheel.toolkit == other_than):
            return FittingWheel(release.version, wheel.toolkit)
    return None


def _without(release: Release, toolkit: str) -> Release:
    if not toolkit:
        return release
    wheels = {
        machine: tuple(wheel for wheel in of_machine if wheel.toolkit != toolkit)
        for machine, of_machine in release.wheels.items()
    }
    return Release(release.version, wheels)


def _family(machine: str) -> str:
    return ARM if machine.lower() in ("aarch64", "arm64") else X86


def largest_fitting_group(
    machine: str, driver: Version, gpus: Sequence[Capability], installed: str = ""
) -> tuple[tuple[Capability, ...], FittingWheel] | None:
    """Return the largest group of GPUs of a mixed machine that one build supports, the newest of equals, and that build.

    None if no build supports any of them. Arguments as of `best_fit`.
    """
    majors = [tuple(group) for _, group in groupby(sorted(gpus), key=lambda gpu: gpu[0])]
    best: tuple[tuple[Capability, ...], FittingWheel] | None = None
    for first in range(len(majors)):
        for last in range(first + 1, len(majors) + 1):
            group = tuple(gpu for part in majors[first:last] for gpu in part)
            fit = best_fit(machine, driver, group, installed)
            if fit is not None and (best is None or len(group) >= len(best[0])):
                best = (group, fit)
    return best
