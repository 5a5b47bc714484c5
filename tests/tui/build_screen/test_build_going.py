"""The Build screen from elsewhere: a setting by its name, the keys that work, and the verdict of what is shown."""

import pytest

from tests.tui.build_screen.host import BuildHost, at_layers, make_host, press, settled, taken, until
from tests.tui.fake_runs import finding
from tests.tui.hosts import SMALL, each_size, seen
from tui.build import doctor as draft_doctor
from tui.build.readiness import ReadinessBar
from tui.draft.views import Readiness
from tui.widgets.field_grid import FieldGrid


@pytest.mark.parametrize(
    ("path", "panel", "key"),
    [
        ("training.optimizer.lr", "learning", "training.optimizer.lr"),
        ("training.schedule.gamma", "learning", "training.schedule"),
        ("network.layers[1].activation", "layers", "network.layers[1].activation"),
        ("network.layers[2].bias", "learning", "network.layers[2].bias"),
        ("seed", "training", "seed"),
    ],
)
async def test_a_setting_is_gone_to_by_its_name(host: BuildHost, path: str, panel: str, key: str) -> None:
    async with host.run_test() as pilot:
        await until(pilot, lambda: host.build.is_offering)
        host.build.go_to(path)
        await until(pilot, lambda: isinstance(host.focused, FieldGrid) and host.focused.id == panel)
        grid = host.focused
        assert isinstance(grid, FieldGrid)
        assert grid.field is not None
        assert grid.field.key == key


async def test_the_old_findings_do_not_stand_under_a_preset(
    host: BuildHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draft_doctor, "REST_S", 0.0)
    host.findings = [finding(remedy={"training.optimizer.lr": 0.5}, step=0)]
    async with host.run_test() as pilot:
        await taken(pilot)
        await until(pilot, lambda: host.build.bar.found)
        await press(pilot, "p")
        assert host.build.bar.found == ""
        await press(pilot, "escape")
        await until(pilot, lambda: host.build.bar.found == "✗ 1 finding")


async def test_the_panels_stay_where_they_are_when_the_verdict_grows(host: BuildHost) -> None:
    async with host.run_test(size=SMALL) as pilot:
        await at_layers(pilot)
        async for size in each_size(pilot):
            before = [widget.region for widget in host.build.query(FieldGrid)]
            host.build.bar.readiness = Readiness(
                "wrong", "a reason of many words " * 12, "a remedy", can_fix=True
            )
            await until(pilot, lambda: "a reason of many" in seen(host))
            assert [widget.region for widget in host.build.query(FieldGrid)] == before, size
            assert "fix: a remedy" in seen(host)


async def test_the_footer_names_only_keys_that_work(monkeypatch: pytest.MonkeyPatch) -> None:
    host = make_host(monkeypatch, "xor")

    def shown() -> set[str]:
        return {
            active.binding.action
            for active in host.screen.active_bindings.values()
            if active.enabled and active.binding.show
        }

    async with host.run_test() as pilot:
        await until(pilot, lambda: host.build.is_offering and settled(host))
        assert not {"train", "undo", "fix", "doctor", "save", "back"} & shown()
        await press(pilot, "enter")
        await until(pilot, lambda: isinstance(host.focused, ReadinessBar))
        assert {"train", "add", "save"} <= shown()
        assert not {"undo", "fix", "back", "presets_of"} & shown()
        await press(pilot, "a", "enter")
        await until(pilot, lambda: "undo" in shown())
        await press(pilot, "p")
        assert "back" in shown()
        assert "train" not in shown()
