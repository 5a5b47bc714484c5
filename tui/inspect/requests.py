"""What is asked of the process that looks, one request at a time, and what it has answered."""

import msgspec

from engine.inspection.messages import At, Reply, Request


class Requests:
    """Numbers requests, keeps one under way at most, and remembers what each view was answered last."""

    def __init__(self) -> None:
        self._pending: Request | None = None
        self._last: dict[str, tuple[Request, str]] = {}
        """The newest request of each view that was answered, and the answer's token."""
        self._count = 0

    @property
    def is_waiting(self) -> bool:
        """Whether a request is under way."""
        return self._pending is not None

    def is_answered(self, request: Request) -> bool:
        """Whether this was answered last, so that what is shown is what is wanted."""
        last = self._last.get(request.view)
        return last is not None and is_same(last[0], request)

    def start(self, request: Request, *, again: bool = False) -> Request | None:
        """Return the request to send; None while one is under way, or where nothing new is wanted.

        Args:
            again: ask even for what is known, in case that there is something newer.
        """
        known = self.is_answered(request)
        if self._pending is not None or (known and not again):
            return None
        self._count += 1
        token = self._last[request.view][1] if known else ""
        self._pending = msgspec.structs.replace(request, id=self._count, unless=token)
        return self._pending

    def settle(self, reply: Reply) -> bool:
        """Take note of a reply; whether it answers the request that is under way."""
        request = self._pending
        if request is None or reply.id != request.id:
            return False
        self._pending = None
        self._last[reply.view] = (request, reply.token)
        return True

    def cancel(self) -> Request | None:
        """Return the request under way, which will not be answered; None where there is none."""
        request, self._pending = self._pending, None
        return request

    def forget(self, view: str) -> None:
        """Ask that view anew: there is more to know."""
        self._last.pop(view, None)


def make_request(view: str, at: At, options: dict[str, object]) -> Request:
    """Return what is wanted, as a request without a number."""
    return Request(0, view, at, options)


def is_same(one: Request, other: Request) -> bool:
    """Whether two requests ask for the same."""
    return (one.view, one.at, one.options) == (other.view, other.at, other.options)
