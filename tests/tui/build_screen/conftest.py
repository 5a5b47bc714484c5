"""What the tests of the Build screen share."""

import pytest

from tests.tui.build_screen.host import BuildHost, make_host


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> BuildHost:
    """The app on its Build screen, MNIST chosen."""
    return make_host(monkeypatch)
