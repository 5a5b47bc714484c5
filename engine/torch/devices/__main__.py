"""`python -m engine.torch.devices`: the devices that PyTorch can use, as JSON lines or text."""

import argparse
import sys
from collections.abc import Sequence

import msgspec

from engine.devices.facts import Torch
from engine.torch.devices.choose import Device
from engine.torch.devices.facts import smoke_test, torch_facts
from engine.torch.library import INSTALL


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one line per device, then one about PyTorch; return the exit code, 0 even without PyTorch.

    With --smoke the line about PyTorch is printed before the test and again after it, so that there is an answer even
    if the driver crashes the process.
    """
    parser = argparse.ArgumentParser(
        prog="python -m engine.torch.devices", description="PyTorch's devices on this machine."
    )
    parser.add_argument("--json", action="store_true", help="JSON lines")
    parser.add_argument("--smoke", action="store_true", help="run a small matrix product on each accelerator")
    options = parser.parse_args(arguments)
    facts = torch_facts()
    if options.json:
        _print_devices(facts)
        _print_json(facts)
    if options.smoke:
        facts = smoke_test(facts)
        if options.json:
            _print_json(facts)
    if not options.json:
        _print_words(facts)
    return 0


def _print_devices(facts: Torch) -> None:
    for device in facts.devices:
        _print_json(Device(device.name, device.title, device.dtypes))


def _print_json(value: object) -> None:
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
    sys.stdout.flush()


def _print_words(facts: Torch) -> None:
    if not facts.installed:
        sys.stdout.write(f"PyTorch is not installed: {INSTALL}\n")
    elif facts.error:
        sys.stdout.write(f"PyTorch cannot be loaded: {facts.error}\n")
    for device in facts.devices:
        words = [device.name.ljust(8), device.title, ", ".join(device.dtypes)]
        sys.stdout.write("  ".join([*words, *([device.smoke] if device.smoke else [])]) + "\n")


if __name__ == "__main__":
    raise SystemExit(main())
