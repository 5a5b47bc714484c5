"""Bookkeeping of the requests to the inspection process: one at a time."""

import msgspec

from engine.inspection.messages import At, Reply, Request


class Requests:
    """Numbers requests, allows one at a time, and remembers the last answered request of each view."""

    def __init__(self) -> None:
        self._pending: Request | None = None
        self._last: dict[str, tuple[Request, str]] = {}
        """The last answered request of each view, and the token of its answer."""
        self._count = 0

    @property
    def is_waiting(self) -> bool:
        """True while a request is pending."""
        return self._pending is not None

    def is_answered(self, request: Request) -> bool:
        """Return True if the last answer of the view was to an equal request."""
        last = self._last.get(request.view)
        return last is not None and is_same(last[0], request)

    def start(self, request: Request, *, again: bool = False) -> Request | None:
        """Return the request to send; None while one is pending, or if it is answered.

        Args:
            again: send it even if it is answered, since there may be newer weights.
        """
        known = self.is_answered(request)
        if self._pending is not None or (known and not again):
            return None
        self._count += 1
        token = self._last[request.view][1] if known else ""
        self._pending = msgspec.structs.replace(request, id=self._count, unless=token)
        return self._pending

    def settle(self, reply: Reply) -> bool:
        """Record a reply; return True if it answers the pending request."""
        request = self._pending
        if request is None or reply.id != request.id:
            return False
        self._pending = None
        self._last[reply.view] = (request, reply.token)
        return True

    def cancel(self) -> Request | None:
        """Drop the pending request, which will not be answered, and return it; None if no request is pending."""
        request, self._pending = self._pending, None
        return request

    def forget(self, view: str) -> None:
        """Forget the answer of a view, since there is a newer one."""
        self._last.pop(view, None)


def make_request(view: str, at: At, options: dict[str, object]) -> Request:
    """Return a request without a number."""
    return Request(0, view, at, options)


def is_same(one: Request, other: Request) -> bool:
    """Return True if two requests are for the same answer."""
    return (one.view, one.at, one.options) == (other.view, other.at, other.options)
