"""A fake of the package nvidia-ml-py: its names, its errors, and configurable GPUs."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any


class NVMLError(Exception):
    """Base of the errors; as in pynvml, every error code has its own subclass."""


def named_error(name: str, words: str) -> NVMLError:
    """Return an error of the class that pynvml would raise."""
    return type(name, (NVMLError,), {})(words)


NOT_SUPPORTED = named_error("NVMLError_NotSupported", "Not Supported")


@dataclass
class Card:
    """A GPU; an answer that is an exception is raised."""

    name: Any = "NVIDIA A100"
    uuid: Any = "GPU-0000"
    capability: Any = (8, 0)
    memory: Any = field(default_factory=lambda: SimpleNamespace(total=80 * 2**30, used=3 * 2**30))
    load: Any = 37
    celsius: Any = 61
    milliwatts: Any = 250_000
    mig: Any = 0
    instances: tuple[str, ...] = ()


class FakeNvml:
    """The functions of pynvml that nnterm calls."""

    NVMLError = NVMLError
    NVML_TEMPERATURE_GPU = 0

    def __init__(self, *cards: Card, driver: Any = "580.95.05", at_start: Exception | None = None) -> None:
        self.cards, self.driver, self.at_start = cards, driver, at_start
        self.open = 0

    def nvmlInit(self) -> None:  # noqa: N802
        if self.at_start:
            raise self.at_start
        self.open += 1

    def nvmlShutdown(self) -> None:  # noqa: N802
        self.open -= 1

    def nvmlSystemGetDriverVersion(self) -> Any:  # noqa: N802
        return answered(self.driver)

    def nvmlSystemGetCudaDriverVersion_v2(self) -> int:  # noqa: N802
        return 13000

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return len(self.cards)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> Card:  # noqa: N802
        return self.cards[index]

    def nvmlDeviceGetName(self, card: Card) -> Any:  # noqa: N802
        return answered(card.name)

    def nvmlDeviceGetUUID(self, card: Card | str) -> Any:  # noqa: N802
        return card if isinstance(card, str) else answered(card.uuid)

    def nvmlDeviceGetCudaComputeCapability(self, card: Card) -> Any:  # noqa: N802
        return answered(card.capability)

    def nvmlDeviceGetMemoryInfo(self, card: Card) -> Any:  # noqa: N802
        return answered(card.memory)

    def nvmlDeviceGetUtilizationRates(self, card: Card) -> Any:  # noqa: N802
        return SimpleNamespace(gpu=answered(card.load), memory=0)

    def nvmlDeviceGetTemperature(self, card: Card, sensor: int) -> Any:  # noqa: N802
        return answered(card.celsius)

    def nvmlDeviceGetPowerUsage(self, card: Card) -> Any:  # noqa: N802
        return answered(card.milliwatts)

    def nvmlDeviceGetMigMode(self, card: Card) -> Any:  # noqa: N802
        return [answered(card.mig), 0]

    def nvmlDeviceGetMaxMigDeviceCount(self, card: Card) -> int:  # noqa: N802
        return 7

    def nvmlDeviceGetMigDeviceHandleByIndex(self, card: Card, index: int) -> str:  # noqa: N802
        if index >= len(card.instances):
            raise named_error("NVMLError_NotFound", "Not Found")
        return card.instances[index]


def answered(answer: Any) -> Any:
    """Return the answer, or raise it if it is an exception."""
    if isinstance(answer, Exception):
        raise answer
    return answer
