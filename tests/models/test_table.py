import dataclasses
from pathlib import Path

import pytest
import torch
from made import PICTURES, POINTS, SPECS

from understudy import models
from understudy.data.options import DataOptions
from understudy.errors import DataError, OptionError, UnknownName
from understudy.models.network import Network
from understudy.runs.runfile import resolve
from understudy.training.config import TrainingConfig

OWN = """
from pydantic.dataclasses import dataclass
from torch import nn
from understudy.data.spec import ImageSpec
from understudy.models.network import Network, Turn

@dataclass(frozen=True)
class Options:
    width: int = 3

class Own(Network):
    Config = Options
    accepts = (ImageSpec,)
    recipe = {"steps": 2}

    def __init__(self, config, spec):
        super().__init__(config, spec)
        self.layer = nn.Linear(spec.size, config.width)

    def turns(self):
        return [Turn("network", lambda batch: {"loss": self.layer(batch.x.flatten(1)).square().mean()})]

number = 5
"""


@pytest.fixture
def own(tmp_path: Path) -> str:
    (tmp_path / "net.py").write_text(OWN)
    return f"{tmp_path / 'net.py'}:Own"


@pytest.mark.parametrize("name", models.TABLE)
def test_no_option_is_in_two_tables(name: str) -> None:
    kinds = (models.entry(name).load().Config, TrainingConfig, DataOptions)
    names = [field.name for kind in kinds for field in dataclasses.fields(kind)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", models.TABLE)
def test_every_line_makes_a_complete_run_file(name: str) -> None:
    line, file = models.entry(name), resolve({"network": name}, {})
    assert line.summary
    assert issubclass(line.load(), Network)
    assert {key: tuple(value) if isinstance(value, list) else value for key, value in file.model.items()}.items() >= (
        line.model.items()
    )
    assert vars(file.training).items() >= {**line.load().recipe, **line.training}.items()


def test_a_preset_fills_what_the_settings_leave_open() -> None:
    config = models.configure("deep-autoencoder", {"latent_dim": 7})
    assert (config.latent_dim, config.hidden) == (7, (1000, 500, 250))


def test_a_typo_gets_the_nearest_name() -> None:
    with pytest.raises(UnknownName, match=r"unknown network 'vea'\. Did you mean 'vae'"):
        models.entry("vea")
    with pytest.raises(UnknownName, match="Did you mean 'latent_dim'"):
        models.configure("vae", {"latent_dims": 3})


def test_a_network_of_ones_own_is_a_file_and_a_class(own: str) -> None:
    network = models.build(own, {"width": 4}, PICTURES)
    assert sum(parameter.numel() for parameter in network.parameters()) == 64 * 4 + 4
    assert resolve({"network": own}, {}).training.steps == 2
    with pytest.raises(
        DataError, match=r"image data \(digits or a folder of pictures\); this data has rows of 2 values"
    ):
        models.build(own, {}, POINTS)
    with pytest.raises(UnknownName, match="width"):
        models.build(own, {"widht": 4}, PICTURES)


def test_what_is_wrong_with_ones_own_file_is_said_in_one_line(own: str, tmp_path: Path) -> None:
    wrong = {
        own.replace("net.py", "nte.py"): "no file",
        own.replace(":Own", ":Onw"): "Did you mean 'Own'",
        own.replace(":Own", ":number"): "unknown class",
        f"{tmp_path / 'broken.py'}:Own": "fails when it is imported: ZeroDivisionError",
    }
    (tmp_path / "broken.py").write_text("1 / 0")
    for name, told in wrong.items():
        with pytest.raises((OptionError, UnknownName), match=told) as caught:
            models.build(name, {}, PICTURES)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", models.TABLE)
def test_building_depends_on_torchs_seed_alone(name: str) -> None:
    states = []
    spec = next(it for it in (PICTURES, *SPECS.values()) if isinstance(it, models.entry(name).load().accepts))
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        states.append(models.build(name, {}, spec).state_dict())
    assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])
    assert any(not torch.equal(states[0][key], states[2][key]) for key in states[0])
