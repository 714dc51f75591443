"""Memory probe: recurrent layers, and an answer at each step, to see which cell remembers for how long."""

from collections.abc import Sequence
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from understudy.data.dataset import Batch
from understudy.data.spec import SequenceSpec, Spec
from understudy.layers.cells import Cell
from understudy.layers.recurrent import Recurrent, RecurrentLayer, RecurrentOptions
from understudy.models.network import Network, Terms, Turn


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class MemoryProbeConfig(RecurrentOptions):
    """Options of the memory probe."""

    cell: Cell = Field("gru", description="the recurrent cell that is tried; irnn: as Le et al., 2015, begin it")
    hidden_dim: int = Field(100, ge=1, description="units of a recurrent layer")
    open_gates: bool = Field(
        False, description="lstm: gates begin open for as long as an item lasts (Tallec and Ollivier, 2018)"
    )

    def __post_init__(self) -> None:
        if self.open_gates and self.cell != "lstm":
            raise ValueError(f"open_gates goes with cell=lstm; got cell={self.cell}")


class MemoryProbe(Network):
    """Recurrent layers, and a linear map of their output: of the last one to a number, or of each to a symbol.

    Loss: the squared error of the number, or -log p(symbol), in nats, as a mean over all steps.

    Reference:
        Hochreiter and Schmidhuber, 1997, Long Short-Term Memory, section 5.4 (adding); Arjovsky et al., 2016,
        arXiv:1511.06464, section 4 (both problems, and the baselines).
        Tallec and Ollivier, 2018, Can recurrent neural networks warp time?, arXiv:1804.11188, equation 16, for
        `open_gates`.

    Differs from the paper:
        Adam, and gradients no longer than 1, in place of RMSprop.
    """

    Config: ClassVar[type] = MemoryProbeConfig
    accepts: ClassVar[tuple[type[Spec], ...]] = (SequenceSpec,)
    recipe: ClassVar[dict[str, Any]] = {"steps": 1000, "batch": 20, "learning_rate": 1e-2, "clip_norm": 1.0}

    config: MemoryProbeConfig
    spec: SequenceSpec

    def __init__(self, config: MemoryProbeConfig, spec: SequenceSpec) -> None:
        super().__init__(config, spec)
        self.recurrent = Recurrent(spec.inputs, config)
        self.output = nn.Linear(config.hidden_dim, spec.symbols or 1)
        if config.open_gates:
            for layer in self.recurrent.layers:
                assert isinstance(layer, RecurrentLayer)
                open_for_long(layer.inner, config.hidden_dim, spec.steps)

    def turns(self) -> Sequence[Turn]:
        """One player, one turn."""
        return [Turn("network", self.loss)]

    def loss(self, batch: Batch) -> Terms:
        """What the answers cost."""
        assert batch.y is not None
        answers = self.answer(batch.x).float()
        if self.spec.symbols:
            return {"loss": F.cross_entropy(answers.flatten(0, 1), batch.y.flatten())}
        return {"loss": F.mse_loss(answers, batch.y)}

    def forward(self, x: Tensor) -> Tensor:
        """The same as `answer`."""
        return self.answer(x)

    def answer(self, x: Tensor) -> Tensor:
        """(batch, steps, inputs) -> numbers (batch,), or logits of the symbols (batch, steps, symbols)."""
        states = self.recurrent(x)[0]
        answers: Tensor = self.output(states) if self.spec.symbols else self.output(states[:, -1])[:, 0]
        return answers

    def recurrence(self, x: Tensor) -> Tensor:
        """What the recurrent layers say of an item: (1, steps, inputs) -> (1, steps, hidden_dim)."""
        states: Tensor = self.recurrent(x)[0]
        return states


def open_for_long(layer: nn.Module, hidden: int, steps: int) -> None:
    """Forget gates of an LSTM that begin with memories of 1 to `steps` steps, and input gates to match."""
    bias: Tensor = layer.bias_ih_l0  # type: ignore[assignment]
    with torch.no_grad():
        forget = bias[hidden : 2 * hidden].uniform_(1, max(1, steps - 1)).log_()
        bias[:hidden] = -forget
