"""nnterm under its own name: the public names of `engine`, and `python -m nnterm` for the command `nnterm`.

    import nnterm
    network = nnterm.Network.of(experiment, data)

Names are imported on first access, as in `engine`.
"""

from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine import *  # noqa: F403

    __version__: str


def __dir__() -> list[str]:
    own = _engine()
    return [*own.__all__, "__version__", *(name for name in globals() if name.startswith("__"))]


def __getattr__(name: str) -> Any:
    own = _engine()
    if name in ("__all__", "__version__", *own.__all__):
        return getattr(own, name)
    raise AttributeError(f"module 'nnterm' has no attribute {name!r}")


def _engine() -> ModuleType:
    """Return the package `engine` that lies beside this one.

    Raises:
        ImportError: a module of the user's has the same name, such as an `engine.py` beside the script that runs.
    """
    import engine

    place = Path(engine.__file__ or "")
    if place.parent.parent != Path(__file__).parent.parent:
        raise ImportError(
            f"{place} hides nnterm's package engine: rename it, or start Python in another folder"
        )
    return engine
