"""Rules on the fit of PyTorch's build with NVIDIA's driver and GPUs."""

from collections.abc import Iterator

from engine.devices.advice import Advice, error, info, warning
from engine.devices.table import (
    BLACKWELL_DRIVER,
    BLACKWELL_MAJOR,
    FLOORS,
    TOOLKITS,
    Capability,
    Toolkit,
    Version,
    generation,
)
from engine.devices.versions import is_at_least, parse_version, show_version
from engine.devices.view import DeviceView
from engine.devices.visible import VARIABLE
from engine.devices.wheels import (
    FittingWheel,
    is_compiled_for,
    is_covered,
    largest_fitting_group,
    parse_architectures,
)


def cpu_build(view: DeviceView) -> Iterator[Advice]:
    """A build without CUDA on a machine with a GPU."""
    torch = view.torch
    if not view.nvidia_works or not torch.version or torch.cuda or torch.hip:
        return
    fit = view.fit()
    if fit is None:
        yield from _nothing_fits(view)
    else:
        message = (
            f"{view.title} is a CPU build, but this machine has {view.name}: install the {fit.toolkit} build"
        )
        yield warning("cpu-build", message, fit.command)


def blackwell_driver(view: DeviceView) -> Iterator[Advice]:
    """A Blackwell GPU under a driver that does not support it."""
    if _blackwell_lacks_driver(view):
        message = (
            f"driver {show_version(view.driver)} does not support Blackwell GPUs such as {view.name}: "
            f"update it to {show_version(BLACKWELL_DRIVER)} or newer"
        )
        yield error("driver-blackwell", message)


def _blackwell_lacks_driver(view: DeviceView) -> bool:
    is_blackwell = any(gpu[0] >= BLACKWELL_MAJOR for gpu in view.capabilities)
    return bool(view.driver) and is_blackwell and not is_at_least(view.driver, BLACKWELL_DRIVER)


def driver_old(view: DeviceView) -> Iterator[Advice]:
    """A driver below the oldest that runs the build's CUDA, or below the one that CUDA shipped with."""
    if not view.torch.cuda or not view.driver or _blackwell_lacks_driver(view):
        return
    toolkit, floor = _toolkit(view)
    if floor and not is_at_least(view.driver, floor):
        fit = view.fit(other_than=view.build)
        yield error("driver-old", _too_old(view, floor, fit), fit.command if fit else "")
    elif toolkit and toolkit.driver and not is_at_least(view.driver, toolkit.driver):
        yield _partly_covered(view, toolkit.driver)


def _partly_covered(view: DeviceView, own: Version) -> Advice:
    """Return the advice on a driver older than the build's CUDA, with a better build of the same release if any."""
    message = (
        f"driver {show_version(view.driver)} runs CUDA {view.torch.cuda} with some features missing "
        f"(minor-version compatibility); it came with driver {show_version(own)}"
    )
    fit = view.fit(other_than=view.build)
    if fit is None or fit.version[:2] != parse_version(view.torch.version)[:2]:
        return warning("driver-minor", message)
    if not is_covered(fit.toolkit, view.driver):
        return warning("driver-minor", message)
    return warning("driver-minor", f"{message}; the {fit.toolkit} build has all of them", fit.command)


def _too_old(view: DeviceView, floor: Version, fit: FittingWheel | None) -> str:
    message = (
        f"driver {show_version(view.driver)} is too old for {view.title}, which needs {show_version(floor)}: "
    )
    if fit is None:
        return message + "update the driver"
    return message + f"update the driver, or install {show_version(fit.version)} ({fit.toolkit})"


def _toolkit(view: DeviceView) -> tuple[Toolkit | None, Version]:
    """Return the build's CUDA, if known, and the oldest driver that runs it."""
    known = TOOLKITS.get(view.build)
    major = parse_version(view.torch.cuda)[:1]
    return known, known.floor if known else FLOORS.get(major[0] if major else 0, ())


def architecture(view: DeviceView) -> Iterator[Advice]:
    """GPUs without kernels in the build."""
    torch = view.torch
    if not torch.cuda or not torch.architectures:
        return
    missing = [gpu for gpu in view.capabilities if not is_compiled_for(torch.architectures, gpu)]
    if not missing:
        return
    fit = view.fit(other_than=view.build)
    if fit is None:
        yield from _nothing_fits(view)
        return
    oldest, newest = min(missing), max(_built(view), default=(0, 0))
    code = "arch-new" if oldest > newest else "arch-dropped"
    yield error(code, f"{_no_kernels(view, oldest, code)}: install {_words(fit)}", fit.command)


def _no_kernels(view: DeviceView, gpu: Capability, code: str) -> str:
    why = "is newer than this build" if code == "arch-new" else "was dropped from this build"
    return (
        f"{view.title} has no kernels for {_named(view, gpu)}: {generation(gpu)} (sm_{gpu[0]}{gpu[1]}) {why}"
    )


def _named(view: DeviceView, capability: Capability) -> str:
    gpus = [gpu.name for gpu in view.relevant_gpus if gpu.capability == capability]
    gpus += [device.title for device in view.cuda_devices if device.capability == capability]
    return gpus[0] if gpus else "this GPU"


def _built(view: DeviceView) -> tuple[Capability, ...]:
    binaries, intermediate = parse_architectures(view.torch.architectures)
    return binaries + intermediate


def _words(fit: FittingWheel) -> str:
    return f"{show_version(fit.version)} ({fit.toolkit})"


def _nothing_fits(view: DeviceView) -> Iterator[Advice]:
    """Yield the advice if no build supports all of the GPUs: only some of them, or none."""
    if _blackwell_lacks_driver(view):
        return
    group = largest_fitting_group(view.host.machine, view.driver, view.capabilities, view.torch.version)
    names = ", ".join(dict.fromkeys(f"{generation(gpu)} (sm_{gpu[0]}{gpu[1]})" for gpu in view.capabilities))
    if group is None or len(group[0]) == len(view.capabilities):
        driver = f" with driver {show_version(view.driver)}" if view.driver else ""
        yield error("no-wheel", f"no known build of PyTorch runs on {names}{driver}")
        return
    kept, fit = group
    chosen = ",".join(str(gpu.index) for gpu in view.relevant_gpus if gpu.capability in kept)
    message = (
        f"no build supports all of these GPUs ({names}): install {_words(fit)}, and hide the others with "
        f"CUDA_DEVICE_ORDER=PCI_BUS_ID {VARIABLE}={chosen}"
    )
    yield error("mixed-gpus", message, fit.command)


def smoke(view: DeviceView) -> Iterator[Advice]:
    """Devices on which a small product failed."""
    for device in view.accelerators:
        text = device.smoke.lower()
        if not text or text == "passed":
            continue
        if "no kernel image" in text:
            if next(architecture(view), None) is None:
                fit = view.fit(other_than=view.build)
                message = (
                    f"{device.name} ({device.title}): {view.title} has no kernels for it ({device.smoke})"
                )
                yield error("smoke-no-kernel", message, fit.command if fit else "")
        elif "out of memory" in text:
            yield error(
                "smoke-memory",
                f"{device.name} ({device.title}) has no free memory for a small matrix product: see what uses it",
                "nvidia-smi" if device.name.startswith("cuda") and not view.torch.hip else "",
            )
        else:
            yield error(
                "smoke-failed",
                f"{device.name} ({device.title}) failed a small matrix product: {device.smoke}",
            )


def visibility(view: DeviceView) -> Iterator[Advice]:
    """GPUs that `CUDA_VISIBLE_DEVICES` hides."""
    seen, gpus = view.visible, view.nvidia.gpus
    if seen.value is None or not gpus:
        return
    setting, unset = f'{VARIABLE} = "{seen.value}"', f"unset {VARIABLE}"
    if seen.repeated:
        yield error(
            "hidden-repeated", f"{setting} lists {seen.repeated} twice: CUDA then shows no GPU", unset
        )
    elif seen.bad:
        shown = "all GPUs are hidden" if not seen.gpus else f"only {_numbers(view)} is visible"
        if len(seen.gpus) > 1:
            shown = f"only {_numbers(view)} are visible"
        message = f"{setting}: {seen.bad} matches no GPU of this machine and ends the list: {shown}"
        yield (warning if seen.gpus else error)("hidden-bad", message, unset)
    elif not seen.gpus:
        yield warning("hidden-all", f"{setting} hides {_count(len(gpus))} of this machine", unset)
    elif len(seen.gpus) < len(gpus):
        message = f"{setting} shows {len(seen.gpus)} of {len(gpus)} GPUs: PyTorch renumbers them from cuda:0"
        yield info("hidden-some", message, unset)


def _numbers(view: DeviceView) -> str:
    return ", ".join(f"GPU {gpu.index}" for gpu in view.visible.gpus)


def _count(gpus: int) -> str:
    return "the GPU" if gpus == 1 else f"all {gpus} GPUs"


def order(view: DeviceView) -> Iterator[Advice]:
    """GPUs of different models, numbered differently by CUDA and NVML."""
    environment = view.host.environment
    is_mixed = len({gpu.name for gpu in view.nvidia.gpus if not gpu.problem}) > 1
    if view.torch.cuda and is_mixed and environment.get("CUDA_DEVICE_ORDER") != "PCI_BUS_ID":
        message = "CUDA numbers different GPUs by speed, this table and nvidia-smi by the bus: cuda:0 may be another"
        yield info("device-order", message, "export CUDA_DEVICE_ORDER=PCI_BUS_ID")
