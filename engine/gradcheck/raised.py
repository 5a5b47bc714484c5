"""An exception of a network's code as a fault of the layer, or of the loss, that raised it."""

from collections.abc import Iterator
from types import FrameType

from engine.gradcheck.report import NETWORK, Fault
from engine.nn.activation import Activation
from engine.nn.layers import Layer
from engine.nn.loss import Loss
from engine.nn.network import Network


def fault_of(error: Exception, network: Network, culprit: str = "") -> Fault:
    """Return the fault of an exception: its culprit is the innermost layer, or the loss, that was at work.

    Args:
        error: as it was caught, with its traceback.
        network: the one whose code ran.
        culprit: the part that was checked alone; "": found in the traceback.
    """
    culprit = culprit or _at_work(error, network)
    what = f"{type(error).__name__}: {error}".removesuffix(": ")
    method = _method(error)
    message = f"{culprit}: {method} raised {what}" if method else f"{culprit} raised {what}"
    return Fault(culprit, message, of_gradient=False)


def _at_work(error: Exception, network: Network) -> str:
    """Return the name of the innermost part in the traceback; NETWORK without one."""
    names = {id(layer): layer.name for layer in network.layers} | {id(network.loss): "loss"}
    at_work = [names.get(id(frame.f_locals.get("self")), "") for frame in _frames(error)]
    return next(filter(None, reversed(at_work)), NETWORK)


def _method(error: Exception) -> str:
    """Return the method of a layer, an activation or a loss that was called, "forward" or "backward"; "" for none."""
    parts = (Layer, Activation, Loss)
    called = (frame for frame in _frames(error) if isinstance(frame.f_locals.get("self"), parts))
    names = (frame.f_code.co_name for frame in called)
    return next((name for name in names if not name.startswith("__")), "")


def _frames(error: Exception) -> Iterator[FrameType]:
    """Yield the frames of the traceback, the outermost first."""
    traceback = error.__traceback__
    while traceback is not None:
        yield traceback.tb_frame
        traceback = traceback.tb_next
