"""Forecaster: read a window of a series, and say what the horizon after it will be."""

import math
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Literal

import torch
import torch.nn.functional as F
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from understudy.data.dataset import Batch
from understudy.data.differences import integrate, lag
from understudy.data.spec import SeriesSpec, Spec
from understudy.layers.recurrent import Recurrent, RecurrentOptions, State
from understudy.models.network import Network, Terms, Turn

LEVELS = (0.8, 0.9)
"""Shares of the truth that the intervals are to hold."""
QUANTILES = (0.05, 0.1, 0.5, 0.9, 0.95)
MEDIAN = QUANTILES.index(0.5)


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class ForecasterConfig(RecurrentOptions):
    """Options of the forecaster."""

    hidden_dim: int = Field(32, ge=1, description="units of a recurrent layer")
    head: Literal["direct", "recursive"] = Field(
        "recursive", description="say the whole horizon at once, or a step at a time, each read like an observation"
    )
    loss: Literal["mse", "mae", "pinball"] = Field(
        "mse", description="what is minimised; pinball: quantiles, from which the intervals are made"
    )

    def __post_init__(self) -> None:
        if self.loss == "pinball" and self.head == "recursive":
            raise ValueError("loss=pinball needs head=direct: a step's quantiles do not add up to those of a horizon")


class Forecaster(Network):
    """Recurrent forecaster. It sees each series on the scale of its training part, and so learns from several at once.

    At each step it reads the newest value and, with `calendar`, the phases of the step to come. The direct head says
    the horizon from the state after the last observation. The recursive one learns to say the next step from all before
    it (teacher forcing), and forecasts by reading its own answers. Outputs are levels, less those that stand still.

    Intervals hold the share of the truth that they name, as far as the future errs like the rolling origins of the
    validation split: the margin is the quantile of their errors, step by step (split conformal prediction).

    Reference:
        Hochreiter and Schmidhuber, 1997, Long Short-Term Memory, for the default cell.
        Vovk et al., 2005, Algorithmic Learning in a Random World; Romano et al., 2019, arXiv:1905.03222, equations 6
        and 7, for the margins, also around quantiles.
        Koenker and Bassett, 1978, Regression Quantiles, for `loss=pinball`.

    Differs from the paper:
        Errors of rolling origins overlap, so that a margin's promise is exact for exchangeable errors alone: the
        measured coverage stands beside the nominal one.
    """

    Config: ClassVar[type] = ForecasterConfig
    accepts: ClassVar[tuple[type[Spec], ...]] = (SeriesSpec,)
    recipe: ClassVar[dict[str, Any]] = {
        "steps": 120, "batch": 256, "learning_rate": 1e-2, "schedule": "one-cycle", "clip_norm": 1.0,
        "log_every": 5,
    }  # fmt: skip

    config: ForecasterConfig
    spec: SeriesSpec
    margins: Tensor

    def __init__(self, config: ForecasterConfig, spec: SeriesSpec) -> None:
        super().__init__(config, spec)
        self.lag = lag(spec.differencing, spec.season)
        self.quantiles = len(QUANTILES) if config.loss == "pinball" else 1
        self.recurrent = Recurrent(spec.features, config)
        outputs = self.quantiles * (spec.horizon if config.head == "direct" else 1)
        self.output = nn.Linear(config.hidden_dim, outputs)
        known = spec.features - 1 if config.head == "direct" else 0
        self.known = nn.Linear(known, self.quantiles, bias=False) if known else None
        unknown = 0.0 if config.loss == "pinball" else math.inf
        self.register_buffer("margins", torch.full((len(LEVELS), spec.horizon), unknown))

    def turns(self) -> Sequence[Turn]:
        """One player, one turn."""
        return [Turn("network", self.loss)]

    def loss(self, batch: Batch) -> Terms:
        """The direct head is judged by the levels of its horizon, the recursive one by each next step."""
        assert batch.y is not None
        if self.config.head == "direct":
            return {"loss": self.error(self.forecast(batch.x), integrate(batch.y, self.lag))}
        whole = torch.cat([batch.x[:, : self.spec.window, 0], batch.y], 1)  # (batch, window + horizon)
        states, _ = self.recurrent(self.inputs(whole[:, :-1], batch.x))
        return {"loss": self.error(self.output(states), whole[:, 1:])}

    def validate(self, batch: Batch) -> Terms:
        """The forecast's error over the horizon, whichever the head."""
        assert batch.y is not None
        return {"loss": self.error(self.forecast(batch.x), integrate(batch.y, self.lag))}

    def constant_terms(self, batches: Sequence[Batch]) -> dict[str, float]:
        """The same forecast for every window: each step's mean, or its median or quantiles where that loss is asked."""
        truth = torch.cat([integrate(batch.y, self.lag) for batch in batches if batch.y is not None])
        if self.config.loss == "mse":
            outputs = truth.mean(0)[:, None]
        else:
            levels = QUANTILES if self.config.loss == "pinball" else (0.5,)
            outputs = torch.quantile(truth, torch.tensor(levels, device=truth.device), 0).T  # (time, quantiles)
        return {"loss": self.error(outputs.expand(len(truth), -1, -1), truth).item()}

    def error(self, outputs: Tensor, truth: Tensor) -> Tensor:
        """Mean loss: (batch, time, quantiles) and (batch, time) -> a scalar."""
        if self.config.loss != "pinball":
            return (F.mse_loss if self.config.loss == "mse" else F.l1_loss)(outputs[..., 0], truth)
        misses = truth[..., None] - outputs
        levels = torch.tensor(QUANTILES, device=misses.device)
        return torch.maximum(levels * misses, (levels - 1) * misses).sum(-1).mean()

    def inputs(self, values: Tensor, x: Tensor) -> Tensor:
        """Each value beside the calendar of the step after it: (batch, time) -> (batch, time, features)."""
        return torch.cat([values[..., None], x[:, 1 : values.shape[1] + 1, 1:]], -1)

    def forward(self, x: Tensor) -> Tensor:
        """The same as `forecast`."""
        return self.forecast(x)

    def recurrence(self, x: Tensor) -> Tensor:
        """What the recurrent layers say of a window: (1, ...) -> (1, window, hidden_dim)."""
        outputs: Tensor = self.recurrent(self.inputs(x[:, : self.spec.window, 0], x))[0]
        return outputs

    def forecast(self, x: Tensor) -> Tensor:
        """Levels of the horizon, less those that stand still: (batch, *spec.shape) -> (batch, horizon, quantiles)."""
        outputs, state = self.recurrent(self.inputs(x[:, : self.spec.window, 0], x))
        last = outputs[:, -1]
        if self.config.head == "recursive":
            return integrate(self.recursion(last, state, x), self.lag)[..., None]
        found: Tensor = self.output(last).unflatten(-1, (self.spec.horizon, self.quantiles))
        if self.known is not None:
            found = found + self.known(x[:, self.spec.window :, 1:])
        return found if self.training else found.sort(-1).values  # quantiles do not cross

    def recursion(self, last: Tensor, state: State, x: Tensor) -> Tensor:
        """Step after step, each read as if it had been observed: (batch, hidden_dim) -> (batch, horizon)."""
        said = [self.output(last)]
        for place in range(self.spec.window + 1, self.spec.window + self.spec.horizon):
            step = torch.cat([said[-1][:, None], x[:, place : place + 1, 1:]], -1)
            outputs, state = self.recurrent(step, state)
            said.append(self.output(outputs[:, 0]))
        return torch.cat(said, 1)

    def calibrate(self, batches: Iterable[Batch]) -> None:
        """Set the intervals' margins from items that the weights have not seen; too few of them set none.

        Of n errors the ceil((n + 1) * level)-th is the margin.
        """
        excess = [self._excess(batch) for batch in batches]
        count = sum(part.shape[1] for part in excess)
        for place, level in enumerate(LEVELS):
            rank = math.ceil((count + 1) * level)
            if 1 <= rank <= count:
                errors = torch.cat([part[place] for part in excess])  # (items, horizon)
                self.margins[place] = errors.sort(0).values[rank - 1]

    @torch.no_grad()
    def _excess(self, batch: Batch) -> Tensor:
        """How far the truth lies outside the interval before its margin: -> (levels, batch, horizon)."""
        assert batch.y is not None
        truth = integrate(batch.y, self.lag)
        low, high = self._bare(self.forecast(batch.x))
        return torch.maximum(low - truth, truth - high)

    def _bare(self, outputs: Tensor) -> tuple[Tensor, Tensor]:
        """Intervals without margins: (batch, horizon, quantiles) -> twice (levels, batch, horizon)."""
        if self.config.loss != "pinball":
            alone = outputs.movedim(-1, 0).expand(len(LEVELS), -1, -1)
            return alone, alone
        lows = [QUANTILES.index(round((1 - level) / 2, 3)) for level in LEVELS]
        return outputs[..., lows].movedim(-1, 0), outputs[..., [-1 - low for low in lows]].movedim(-1, 0)

    def intervals(self, outputs: Tensor) -> tuple[Tensor, Tensor]:
        """Low and high ends at each of `LEVELS`, infinite where no margin is known.

        Shapes: (batch, horizon, quantiles) -> twice (levels, batch, horizon)
        """
        low, high = self._bare(outputs)
        margins = self.margins[:, None]
        return low - margins, high + margins

    def point(self, outputs: Tensor) -> Tensor:
        """The forecast itself, the median of quantiles: (batch, horizon, quantiles) -> (batch, horizon)."""
        return outputs[..., MEDIAN if self.config.loss == "pinball" else 0]
