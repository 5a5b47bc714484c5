"""The import of PyTorch, on first use."""

import importlib
from types import ModuleType

from engine.errors import DeviceError

INSTALL = "pip install torch --index-url https://download.pytorch.org/whl/cpu (for a GPU: nnterm devices names the build)"


class NoTwinError(DeviceError):
    """A network cannot be built in PyTorch: PyTorch is not installed, or a part has no counterpart there."""


def load_torch() -> ModuleType:
    """Return the torch module; the first call takes about two seconds.

    Raises:
        NoTwinError: PyTorch is not installed, or its installation is broken.
    """
    try:
        return importlib.import_module("torch")
    except ModuleNotFoundError:
        raise NoTwinError("PyTorch is not installed", INSTALL) from None
    except (ImportError, OSError) as error:
        raise NoTwinError(f"PyTorch cannot be loaded: {error}", f"install it again: {INSTALL}") from None
