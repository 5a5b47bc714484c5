"""The diagnosis: from a situation to its advice. Pure; every rule is a function in RULES."""

from collections.abc import Callable, Iterator

from engine.devices import build_rules, driver_rules, torch_rules
from engine.devices.advice import ORDER, Advice, error, info
from engine.devices.facts import PASSED, Situation
from engine.devices.view import DeviceView

Rule = Callable[[DeviceView], Iterator[Advice]]

RULES: tuple[Rule, ...] = (
    driver_rules.driver_mismatch,
    driver_rules.driver_missing,
    driver_rules.cut_off,
    driver_rules.wsl,
    driver_rules.gpu_problems,
    torch_rules.torch_missing,
    torch_rules.torch_broken,
    torch_rules.torch_old,
    torch_rules.intel_mac,
    torch_rules.apple,
    torch_rules.amd,
    torch_rules.intel_gpu,
    build_rules.cpu_build,
    build_rules.blackwell_driver,
    build_rules.driver_old,
    build_rules.architecture,
    build_rules.visibility,
    build_rules.smoke,
    build_rules.order,
    driver_rules.mig,
    driver_rules.memory,
    driver_rules.nvml_missing,
)
"""A new rule is one function and one line here."""

HIDDEN = ("hidden-all", "hidden-bad", "hidden-repeated")


def advise(situation: Situation) -> tuple[Advice, ...]:
    """Return the advice for a machine, the most severe first; never empty.

    Consequences of another advice are left out: an old driver is reported, and not also that PyTorch sees no GPU.
    """
    view = DeviceView(situation)
    found = [advice for rule in RULES for advice in rule(view)]
    found += _unexplained(view, found)
    found += _summary(view, found)
    return tuple(sorted(found, key=lambda advice: ORDER.index(advice.severity)))


def _unexplained(view: DeviceView, found: list[Advice]) -> Iterator[Advice]:
    """Yield an error if GPU, driver and build fit, and PyTorch still finds no GPU."""
    torch = view.torch
    is_explained = any(advice.severity == "error" or advice.code in HIDDEN for advice in found)
    if torch.cuda and view.nvidia_works and not torch.available and not is_explained:
        why = f": {torch.warnings[0]}" if torch.warnings else ""
        yield error("cuda-unavailable", f"{view.title} matches driver and GPU, but detects no GPU{why}")


def _summary(view: DeviceView, found: list[Advice]) -> Iterator[Advice]:
    """Yield the usable devices, if there is no error."""
    torch = view.torch
    if any(advice.severity == "error" for advice in found) or not torch.version:
        return
    ready = [device for device in view.accelerators if device.smoke in (PASSED, "")]
    if ready:
        names = ", ".join(device.name for device in ready)
        tried = " and passed a test computation" if all(device.smoke == PASSED for device in ready) else ""
        yield info("ready", f"{view.title} can use {names}{tried}")
    elif not found and not view.has_nvidia:
        yield info("no-gpu", f"there is no GPU: {view.title} runs on the CPU")
