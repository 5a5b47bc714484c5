"""What passes between whoever looks inside a network and the process that computes it, a JSON object a line."""

from typing import Any, Literal

import msgspec

from engine.errors import NntermError

At = int | Literal["newest", "best", "last"]
"""A moment of a run: updates made (0: the first weights), the newest weights, the best or the last checkpoint."""

MomentKind = Literal["first", "checkpoint", "live"]


class Moment(msgspec.Struct, frozen=True):
    """A time of a training at which its weights are known."""

    step: int
    """Updates made."""
    epoch: int
    """Epochs completed."""
    kind: MomentKind = "checkpoint"
    """first: drawn anew from the seed; checkpoint: kept; live: the newest weights, which the next ones replace."""
    is_best: bool = False
    """Whether no kept one has a lower validation loss."""
    is_last: bool = False
    """Whether it is the newest one."""
    validation_loss: float | None = None

    @property
    def words(self) -> str:
        """`epoch 3, step 2,532 (best)`"""
        if self.kind == "first":
            return "before training, step 0"
        signs = [word for word, holds in (("best", self.is_best), ("newest", self.is_last)) if holds]
        return f"epoch {self.epoch:,}, step {self.step:,}" + (f" ({', '.join(signs)})" if signs else "")


class InspectedRun(msgspec.Struct, frozen=True, tag_field="type", tag="subject"):
    """The run that is looked into."""

    run: str
    state: str
    is_over: bool
    dataset: str
    moments: tuple[Moment, ...]
    """In the order of steps."""
    kind: str = ""
    """images, plane, curve, table or gate; "" where the data are gone."""
    task: str = ""
    splits: tuple[tuple[str, int], ...] = ()
    """Name and number of samples of each part of the data that has any."""
    class_names: tuple[str, ...] = ()
    trouble: str = ""
    """Why the data cannot be used, "" where they can."""


class Raster(msgspec.Struct, frozen=True):
    """A picture or a map: rows of bytes, base64 in JSON.

    For signed values byte 128 stands for 0, and 255 for the largest absolute value, which stands beside it.
    """

    height: int
    width: int
    data: bytes
    """height x width x depth numbers from 0 to 255, row by row."""
    depth: int = 1
    """Numbers a pixel: 1, or 3 for red, green and blue."""


class Answer(msgspec.Struct, frozen=True, tag_field="type"):
    """Base of what the views show; each one's tag is its name."""


class Unseen(msgspec.Struct, frozen=True, tag_field="type", tag="unseen"):
    """A view that has nothing to show, and why."""

    view: str
    reason: str


class Request(msgspec.Struct, frozen=True):
    """Asks for a view of the run at a moment."""

    id: int
    view: str
    at: At = "newest"
    options: dict[str, Any] = {}
    unless: str = ""
    """The `token` of the answer that is at hand: where nothing has changed, none is computed."""


class Reply(msgspec.Struct, frozen=True, tag_field="type", tag="reply"):
    """The answer to a request."""

    id: int
    view: str
    moment: Moment | None = None
    token: str = ""
    """Tells one set of weights from another."""
    answer: msgspec.Raw = msgspec.Raw(b"null")
    """An `Answer` or `Unseen`; null where the request's token is still right."""


class Notice(msgspec.Struct, frozen=True, tag_field="type", tag="notice"):
    """Something that views were waiting for is there now."""

    about: str
    """The name of a view that has more to show."""


class Failure(msgspec.Struct, frozen=True, tag_field="type", tag="error"):
    """The run cannot be looked into."""

    message: str
    hint: str = ""
    id: int | None = None
    """Of the request that failed; None: all of it."""


Message = InspectedRun | Reply | Notice | Failure


class UnfitError(NntermError):
    """A view has nothing to show for this network or these data; the message says why, in a sentence."""
