"""The choice of a build for GPUs and driver, and the consistency of its table."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.devices.table import RELEASES, TOOLKITS, Capability, generation
from engine.devices.versions import is_at_least, parse_version, show_version
from engine.devices.wheels import best_fit, driver_runs, is_compiled_for, parse_architectures, runs_on

DRIVERS = (
    "390.157",
    "450.80.02",
    "470.256.02",
    "525.60.13",
    "535.183.01",
    "560.28.03",
    "570.26",
    "575.51",
    "580.95",
)
GPUS: tuple[Capability, ...] = (
    (5, 2),
    (6, 1),
    (7, 0),
    (7, 5),
    (8, 0),
    (8, 6),
    (8, 9),
    (9, 0),
    (10, 0),
    (12, 0),
    (12, 1),
)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("2.13.0+cu126", (2, 13, 0)),
        ("560.28.03", (560, 28, 3)),
        ("2.16.0.dev20261101", (2, 16, 0)),
        ("", ()),
        ("x", ()),
    ],
)
def test_a_version_is_its_numbers(text: str, version: tuple[int, ...]) -> None:
    assert parse_version(text) == version


def test_versions_compare_by_number_and_missing_parts_are_zero() -> None:
    assert is_at_least((580,), (580, 0, 0))
    assert is_at_least((2, 10), (2, 9, 1))
    assert not is_at_least((570, 25), (570, 26))


@pytest.mark.parametrize("text", ["560.28.03", "570.26", "2.14.1", "580"])
def test_a_version_is_shown_in_its_vendors_form(text: str) -> None:
    assert show_version(parse_version(text)) == text


@pytest.mark.parametrize(
    ("built", "gpu", "runs"),
    [
        ((8, 0), (8, 9), True),  # the same major, a newer minor
        ((8, 6), (8, 0), False),  # an older minor
        ((9, 0), (10, 0), False),  # another major
        ((12, 0), (12, 1), True),
        ((8, 6), (8, 7), False),  # Jetson runs only its own
        ((8, 7), (8, 7), True),
        ((7, 2), (7, 5), False),
    ],
)
def test_a_binary_runs_on_its_major_from_its_minor_on(built: Capability, gpu: Capability, runs: bool) -> None:
    assert runs_on(built, gpu) is runs


def test_architectures_are_read_as_pytorch_names_them() -> None:
    assert parse_architectures(["sm_90a", "sm_120", "compute_120", "gfx942"]) == (
        ((9, 0), (12, 0)),
        ((12, 0),),
    )
    assert is_compiled_for(["compute_90"], (12, 0))
    assert not is_compiled_for(["sm_90"], (12, 0))


def test_every_wheel_of_the_table_has_its_toolkit() -> None:
    for release in RELEASES:
        for wheels in release.wheels.values():
            assert {wheel.toolkit for wheel in wheels} <= TOOLKITS.keys()
            assert [wheel.toolkit for wheel in wheels] == sorted(wheel.toolkit for wheel in wheels)
    assert [release.version for release in RELEASES] == sorted(release.version for release in RELEASES)


@pytest.mark.parametrize(
    ("release", "driver", "gpu", "toolkit"),
    [
        ("2.13.0", "580.95", (8, 0), "cu130"),  # cu132 is experimental there
        ("2.14.0", "580.95", (8, 0), "cu132"),
        ("2.13.0", "550.54", (8, 0), "cu126"),
        ("2.11.0", "560.28.03", (8, 0), "cu126"),  # fully supported, cu128 only partly
        ("2.11.0", "550.54", (8, 0), "cu128"),  # neither is fully supported: the newest that runs
        ("2.11.0", "570.26", (7, 0), "cu126"),  # Volta
        ("2.10.0", "570.26", (7, 0), "cu128"),
        ("2.8.0", "575.51.03", (12, 0), "cu129"),
        ("2.7.1", "470.256.02", (8, 0), "cu118"),
    ],
)
def test_the_newest_build_of_the_release_that_fits(
    release: str, driver: str, gpu: Capability, toolkit: str
) -> None:
    fit = best_fit("x86_64", parse_version(driver), [gpu], installed=f"{release}+cpu")
    assert fit is not None
    assert (show_version(fit.version), fit.toolkit) == (release, toolkit)


@pytest.mark.parametrize(
    ("driver", "gpu", "version", "toolkit"),
    [
        ("580.95", (6, 1), "2.14.1", "cu126"),
        ("535.183", (8, 0), "2.14.1", "cu126"),
        ("570.26", (12, 0), "2.11.0", "cu128"),
    ],
)
def test_otherwise_the_newest_release_that_has_one(
    driver: str, gpu: Capability, version: str, toolkit: str
) -> None:
    fit = best_fit("x86_64", parse_version(driver), [gpu], installed="2.15.0")
    assert fit is not None
    assert (show_version(fit.version), fit.toolkit) == (version, toolkit)


def test_no_build_for_unsupported_gpus() -> None:
    assert best_fit("x86_64", (580, 95), [(3, 7)]) is None
    assert best_fit("x86_64", (390,), [(7, 0)]) is None
    assert best_fit("aarch64", (580, 95), [(7, 2)]) is None


@given(driver=st.sampled_from(DRIVERS), gpus=st.lists(st.sampled_from(GPUS), min_size=1, max_size=4))
def test_the_build_named_runs_on_every_gpu_with_the_driver(driver: str, gpus: list[Capability]) -> None:
    fit = best_fit("x86_64", parse_version(driver), gpus)
    if fit is None:
        return
    release = next(release for release in RELEASES if release.version == fit.version)
    wheel = next(wheel for wheel in release.wheels["x86_64"] if wheel.toolkit == fit.toolkit)
    assert driver_runs(wheel.toolkit, parse_version(driver), gpus)
    assert all(any(runs_on(built, gpu) for built in wheel.architectures) for gpu in gpus)
    assert re.fullmatch(r'pip install "torch==[\d.]+\+(cu\d+)" --index-url https://\S+/whl/\1', fit.command)


def test_architectures_have_names() -> None:
    names = [
        generation(gpu) for gpu in ((1, 3), (3, 7), (6, 1), (7, 0), (7, 5), (8, 6), (8, 9), (9, 0), (12, 1))
    ]
    assert names == [
        "before Fermi",
        "Kepler",
        "Pascal",
        "Volta",
        "Turing",
        "Ampere",
        "Ada",
        "Hopper",
        "Blackwell",
    ]
