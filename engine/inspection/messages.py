"""Messages between a client and the process that computes views, one JSON object per line."""

from typing import Any, Literal

import msgspec

from engine.errors import NntermError

At = int | Literal["newest", "best", "last"]
"""A moment of a run: updates made (0: the first weights), the newest weights, the best or the last checkpoint."""

MomentKind = Literal["first", "checkpoint", "snapshot", "live"]


class Moment(msgspec.Struct, frozen=True):
    """A point of a training whose weights are available."""

    step: int
    """Updates made."""
    epoch: int
    """Epochs completed."""
    kind: MomentKind = "checkpoint"
    """first: drawn from the seed; checkpoint: a resume can start from it; snapshot: stored for the replay; live: the
    newest weights, replaced by the next ones.
    """
    is_best: bool = False
    """True if no checkpoint has a lower validation loss."""
    is_last: bool = False
    """True for the newest moment."""
    validation_loss: float | None = None

    @property
    def words(self) -> str:
        """The moment in words: `epoch 3, step 2,532 (best)`."""
        if self.kind == "first":
            return "initial weights, step 0"
        signs = [word for word, holds in (("best", self.is_best), ("newest", self.is_last)) if holds]
        return f"epoch {self.epoch:,}, step {self.step:,}" + (f" ({', '.join(signs)})" if signs else "")


class InspectedRun(msgspec.Struct, frozen=True, tag_field="type", tag="subject"):
    """The inspected run."""

    run: str
    state: str
    is_over: bool
    dataset: str
    moments: tuple[Moment, ...]
    """Ordered by step."""
    kind: str = ""
    """images, plane, curve, table or gate; "" if the data are missing."""
    task: str = ""
    splits: tuple[tuple[str, int], ...] = ()
    """Name and number of samples of each split that has any."""
    class_names: tuple[str, ...] = ()
    trouble: str = ""
    """Reason why the data cannot be used, "" if they can."""


class Raster(msgspec.Struct, frozen=True):
    """A picture or a map: rows of bytes, base64 in JSON.

    For signed values byte 128 is 0 and byte 255 the largest absolute value, which is sent with the raster.
    """

    height: int
    width: int
    data: bytes
    """height x width x depth numbers from 0 to 255, row by row."""
    depth: int = 1
    """Numbers per pixel: 1, or 3 for red, green and blue."""


class Answer(msgspec.Struct, frozen=True, tag_field="type"):
    """Base of the views' answers; the tag of each is the view's name."""


class Unseen(msgspec.Struct, frozen=True, tag_field="type", tag="unseen"):
    """The reason why a view has nothing to show."""

    view: str
    reason: str


class Request(msgspec.Struct, frozen=True):
    """A request for a view of the run at a moment."""

    id: int
    view: str
    at: At = "newest"
    options: dict[str, Any] = {}
    unless: str = ""
    """`token` of the answer that the client has; if it is still valid, nothing is computed."""


class Reply(msgspec.Struct, frozen=True, tag_field="type", tag="reply"):
    """The answer to a request."""

    id: int
    view: str
    moment: Moment | None = None
    token: str = ""
    """Identifies the weights of the answer."""
    answer: msgspec.Raw = msgspec.Raw(b"null")
    """An `Answer` or `Unseen`; null if the request's token is still valid."""


class Notice(msgspec.Struct, frozen=True, tag_field="type", tag="notice"):
    """A notice that a view has more to show than before."""

    about: str
    """Name of that view."""


class Failure(msgspec.Struct, frozen=True, tag_field="type", tag="error"):
    """An error: the run cannot be inspected, or a request failed."""

    message: str
    hint: str = ""
    id: int | None = None
    """Id of the failed request; None: the run cannot be inspected."""


Message = InspectedRun | Reply | Notice | Failure


class UnfitError(NntermError):
    """A view has nothing to show for this network or these data; the message is a sentence with the reason."""
