"""A run in use: its record, its scores, and its network put to work. Arrays in, arrays out."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from understudy import models
from understudy.data.batches import at_once
from understudy.data.conform import as_batch
from understudy.data.series import SeriesItems
from understudy.data.spec import DomainsSpec, PairSpec, Spec, TextSpec, spec_from_json
from understudy.data.vocabulary import UNKNOWN, decode, encode
from understudy.decoding.beam import search
from understudy.decoding.beam_options import BeamOptions
from understudy.decoding.forecasting import Forecast, forecast
from understudy.decoding.sampling import Sampling, draw
from understudy.decoding.translation import translate_texts
from understudy.errors import OptionError, RunError, UnknownName
from understudy.models.capabilities import CAPABILITIES
from understudy.models.network import Network
from understudy.report.card import card_html
from understudy.report.page import write_report
from understudy.runs.directory import RunDirectory
from understudy.runs.listing import locate
from understudy.runs.sources import data_of
from understudy.settings import validated
from understudy.training.checkpoint import load_weights

Array = NDArray[np.float32]
T = TypeVar("T")


class Run:
    """A trained (or training) network and all that is known of it.

    Args:
        path: the run's directory.

    Raises:
        RunError: `path` is no run.

    Example:
        >>> run = Run("runs/vae-digits-1")  # doctest: +SKIP
        >>> run.sample(16).shape  # doctest: +SKIP
        (16, 1, 8, 8)
    """

    def __init__(self, path: str | Path) -> None:
        self.directory = RunDirectory(Path(path))
        self.record = self.directory.read()

    @property
    def path(self) -> Path:
        """The run's directory."""
        return self.directory.path

    @property
    def status(self) -> str:
        """running, finished, interrupted, diverged or failed."""
        return str(self.record["status"])

    @property
    def scores(self) -> dict[str, float]:
        """Scores on held-out data, baselines included; empty before the run is scored."""
        return self.directory.scores

    @property
    def findings(self) -> list[dict[str, Any]]:
        """What was found wrong with the training."""
        return self.directory.findings

    @property
    def events(self) -> list[dict[str, Any]]:
        """What happened in training, in order."""
        return self.directory.read_events()

    @cached_property
    def spec(self) -> Spec:
        """What one item looks like."""
        return spec_from_json(self.record["data"]["spec"])

    @cached_property
    def model(self) -> Network:
        """The trained network in evaluation mode, on the CPU.

        Raises:
            RunError: the run has no weights yet.
        """
        if not self.directory.weights.is_file():
            lost = self.status == "diverged"
            what = "it diverged before its first checkpoint" if lost else f"go on with `understudy resume {self.path}`"
            raise RunError(f"'{self.path}' has no weights yet; {what}")
        saved = self.directory.read_file("model.json")
        network = models.build(saved["network"], saved["options"], spec_from_json(saved["spec"]))
        load_weights(self.directory.weights, network)
        return network.eval()

    def able(self, capability: str) -> Network:
        """The network, if it can do this.

        Raises:
            RunError: it cannot; the message names networks that can.
        """
        if not isinstance(self.model, CAPABILITIES[capability]):
            able = [name for name, line in models.TABLE.items() if issubclass(line.load(), CAPABILITIES[capability])]
            raise RunError(f"{self.record['network']} cannot {capability}; these can: {', '.join(able) or 'none yet'}")
        return self.model

    def sample(self, count: int = 16, seed: int = 0, class_: str | None = None) -> Array:
        """New items: -> (count, *item), pictures in [0, 1], rows in the data's own units.

        Args:
            class_: the class to make items of, by its name in the data; unset: what the network would.

        Raises:
            RunError: the network cannot sample, or not by class.
            UnknownName: there is no such class.
        """
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            if class_ is None:
                return self._to_user(cast(Any, self.able("sample")).sample(count, generator))
            network, classes = cast(Any, self.able("sample by class")), self.spec.classes
            if class_ not in classes:
                raise UnknownName("class", class_, classes)
            return self._to_user(network.sample_of(torch.full((count,), classes.index(class_)), generator))

    def write(
        self,
        prompt: str | None = None,
        length: int = 500,
        *,
        seed: int = 0,
        how: Sampling = Sampling(),  # noqa: B008
    ) -> Iterator[str]:
        """A text that goes on from the prompt, piece by piece; the prompt itself comes first.

        Args:
            prompt: unset: a new line.
            length: tokens to write.
            how: temperature, and which tokens may be drawn.

        Raises:
            RunError: the network does not write.
            OptionError: the prompt has no token.

        Example:
            >>> "".join(Run("runs/language-model-pydoc-1").write("The ", 200))  # doctest: +SKIP
        """
        network, spec = cast(Any, self.able("write")), cast(TextSpec, self.spec)
        text = "\n" if prompt is None else prompt
        tokens = torch.from_numpy(encode(text, spec.unit, spec.vocabulary))[None]
        stream = draw(network, tokens, how, torch.Generator().manual_seed(seed))
        return self._pieces(prompt or "", stream, length, spec)

    def write_likeliest(
        self,
        prompt: str | None = None,
        length: int = 100,
        options: BeamOptions = BeamOptions(),  # noqa: B008
    ) -> str:
        """The likeliest text of this length that goes on from the prompt, as far as a beam search finds it.

        Args:
            prompt: unset: a new line.
            length: tokens to write.

        Raises:
            RunError: the network does not write.
            OptionError: the prompt has no token.
        """
        network, spec = cast(Any, self.able("write")), cast(TextSpec, self.spec)
        *read, last = encode("\n" if prompt is None else prompt, spec.unit, spec.vocabulary).tolist() or [None]
        if last is None:
            raise OptionError("the prompt is empty; give at least one token")
        state = network.init_state(1)
        with torch.no_grad():
            for token in read:
                _, state = network.step(torch.tensor([token]), state)
        best = search(network, state, 1, start=last, end=None, max_lengths=length, options=options)[0][0]
        return (prompt or "") + decode(best.tokens, spec.unit, spec.vocabulary)

    @staticmethod
    def _pieces(prompt: str, stream: Iterator[Tensor], length: int, spec: TextSpec) -> Iterator[str]:
        """What each token adds to the text; bytes wait until they make a letter."""
        yield prompt
        drawn: list[int] = []
        shown = ""
        for _ in range(length):
            with torch.no_grad():  # not around the yield: whoever reads may be computing gradients
                drawn.append(int(next(stream)[0]))
            text = decode(drawn, spec.unit, spec.vocabulary)
            if spec.unit == "characters" or not text.endswith(UNKNOWN):  # half a letter waits for its other bytes
                yield text[len(shown) :]
                shown = text

    def translate(self, texts: Sequence[str], beam: int = 5, **search: Any) -> list[str]:
        """Sentences in the other language.

        Args:
            beam: hypotheses side by side; 1 takes the likeliest token each time.
            search: other options of `BeamOptions`, as `alpha=1.0`.

        Raises:
            RunError: the network does not translate.
            OptionError: an option of the search that does not go.

        Example:
            >>> Run("runs/translator-dates-1").translate(["the 4th of July, 1776"])  # doctest: +SKIP
            ['1776-07-04']
        """
        if "nbest" in search:
            raise OptionError("translate says the best alone; for nbest use `understudy predict`")
        network, spec = cast(Any, self.able("translate")), cast(PairSpec, self.spec)
        texts = [texts] if isinstance(texts, str) else texts
        found = translate_texts(network, texts, spec, validated(BeamOptions, {"beam": beam, **search}, "beam search"))
        return [spec.target.decode(hypotheses[0].tokens) for hypotheses in found]

    def forecast(self, data: str | Path | None = None, horizon: int | None = None) -> Forecast:
        """What comes after the last value of the run's own series, or of others.

        Args:
            data: a name or path; of series that the run knows by name it keeps the scale.
            horizon: steps; unset: as many as the network learnt.

        Raises:
            RunError: the network does not forecast, or the run's own data has changed.
            DataError: the data has another spacing, or is too short.

        Example:
            >>> Run("runs/forecaster-milk-1").forecast().values[0]  # doctest: +SKIP
        """
        network = cast(Any, self.able("forecast"))
        items = cast(SeriesItems, data_of(self.record, None if data is None else str(data)).test)
        return forecast(network, items.windows, len(items.windows.series), horizon)

    def reconstruct(self, x: ArrayLike | Tensor) -> Array:
        """The network's copies: (batch, *item) or one item -> (batch, *item)."""
        return self._to_user(self._in_batches(cast(Any, self.able("reconstruct")).reconstruct, x))

    def transfer(self, x: ArrayLike | Tensor, to: str) -> Array:
        """Pictures of one domain as pictures of the other: (batch, *picture) or one picture -> (batch, *picture).

        Args:
            to: the name of the domain to carry them to.

        Raises:
            RunError: the network did not learn from two domains.
            UnknownName: neither has that name.
            DataError: the pictures do not fit it.
        """
        network, spec = cast(Any, self.able("transfer")), cast(DomainsSpec, self.spec).picture
        return self._to_user(self._in_batches(lambda part: network.transfer(part, to), x, spec))

    def encode(self, x: ArrayLike | Tensor) -> Array:
        """Codes: (batch, *item) or one item -> (batch, latent_dim)."""
        return self._in_batches(cast(Any, self.able("encode")).encode, x).numpy()

    def classify(self, items: ArrayLike | Tensor | str | Sequence[str]) -> list[str]:
        """The class of each item, by its name: (batch, *item) or one item, a text or several.

        Raises:
            RunError: the network does not classify.
            DataError: the items do not fit it.
        """
        numbers = self._in_batches(cast(Any, self.able("classify")).classify, items)
        return [self.spec.classes[number] for number in numbers.tolist()]

    def _in_batches(self, function: Any, x: Any, spec: Spec | None = None) -> Tensor:
        spec = spec or self.spec
        with torch.no_grad():
            return torch.cat([function(part) for part in as_batch(x, spec).split(at_once(spec))])

    def _to_user(self, x: Tensor) -> Array:
        return self.spec.to_user(x.numpy())

    def report(self) -> Path:
        """Write report.html anew; returns its path."""
        return write_report(self.path)

    def __fspath__(self) -> str:
        return str(self.path)

    def __repr__(self) -> str:
        main = ", ".join(f"{name}={value:.4g}" for name, value in list(self.scores.items())[:3])
        return f"<Run {self.path}: {self.status}{', ' + main if main else ''}>"

    def _repr_html_(self) -> str:
        return card_html(self.path)


def find_run(path: str | Path) -> Run:
    """A run by its directory, or by its name under `./runs`; raises as `runs.listing.locate`."""
    return Run(locate(path).path)
