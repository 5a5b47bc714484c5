"""The fixture of the Build screen's tests."""

import pytest

from tests.tui.build_screen.host import BuildHost, make_host


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> BuildHost:
    """Return the app on its Build screen with MNIST selected."""
    return make_host(monkeypatch)
