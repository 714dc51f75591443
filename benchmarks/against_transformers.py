"""Our beam search against `generate` of transformers 4.46 over the same network: sentences per second, and scores.

    python -m venv peer && peer/bin/pip install torch==2.13.0 transformers==4.46.3 -e .
    peer/bin/python benchmarks/against_transformers.py RUN

RUN is a translator's. Both search with the same beam, length penalty and batches over the same test sentences, sorted
by length, in one process and in turn, batch by batch. The encoder runs once for each sentence in both. What each found
is scored anew by the network itself: log-probability over length, the end counted. "early" gives up what at its present
length would not be among the best `beam`: our early_stop with as many to return, their default; "exact" goes on until
nothing can win: our default, their "never".

Expected: at least twice the sentences per second, the mean score no worse.
"""

import argparse
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import sacrebleu
import torch
from machine import describe
from torch import Tensor
from transformers import GenerationConfig, GenerationMixin, PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutput, Seq2SeqLMOutput

from understudy.data.pairs import PairItems
from understudy.data.sentences import END, PADDING, START
from understudy.data.spec import PairSpec
from understudy.decoding.beam_options import BeamOptions
from understudy.decoding.translation import limits, translate
from understudy.files import write_json
from understudy.models.translator import Translator
from understudy.run import Run
from understudy.runs.sources import data_of

WANTED = 2.0
STOPS: dict[str, tuple[bool, bool | str]] = {"early": (True, False), "exact": (False, "never")}


class Encoder(torch.nn.Module):
    """Hands the source on: the network itself reads it, once, when the first token is asked for."""

    main_input_name = "input_ids"

    def forward(self, input_ids: Tensor, **_: Any) -> BaseModelOutput:
        """(batch, time) as float, for `generate` to pass through."""
        return BaseModelOutput(last_hidden_state=input_ids[:, :, None].float())


class Wrapped(PreTrainedModel, GenerationMixin):
    """Our network as one that `generate` can use."""

    config_class = PretrainedConfig
    main_input_name = "input_ids"

    def __init__(self, network: Translator, beam: int) -> None:
        size = len(network.spec.target)
        super().__init__(PretrainedConfig(is_encoder_decoder=True, vocab_size=size))
        self.network, self.beam, self.encoder = network, beam, Encoder()

    def get_encoder(self) -> Encoder:
        """What reads the source."""
        return self.encoder

    def prepare_inputs_for_generation(
        self, input_ids: Tensor, past_key_values: Any = None, encoder_outputs: Any = None, **_: Any
    ) -> dict[str, Any]:
        """The last token, and the state."""
        return {"tokens": input_ids[:, -1], "past_key_values": past_key_values, "encoder_outputs": encoder_outputs}

    def forward(self, tokens: Tensor, past_key_values: Any, encoder_outputs: Any, **_: Any) -> Seq2SeqLMOutput:
        """One step of the decoder."""
        state = None if past_key_values is None else past_key_values[0]
        if state is None:
            rows = torch.arange(0, len(tokens), self.beam)
            state = self.network.begin(encoder_outputs.last_hidden_state[rows, :, 0].long())
            state = self.network.reorder(state, torch.arange(len(rows)).repeat_interleave(self.beam))
        logits, state = self.network.step(tokens, state)
        return Seq2SeqLMOutput(logits=logits[:, None], past_key_values=(state,))

    def _reorder_cache(self, past: Any, beam_idx: Tensor) -> Any:
        return (self.network.reorder(past[0], beam_idx),)


def theirs(model: Wrapped, x: Tensor, spec: PairSpec, stop: str) -> list[list[int]]:
    """Their best hypothesis of each source."""
    asked = GenerationConfig(
        num_beams=model.beam,
        length_penalty=1.0,
        early_stopping=STOPS[stop][1],
        max_new_tokens=int(limits((x != PADDING).sum(1), spec).max()) + 1,
        decoder_start_token_id=START,
        eos_token_id=END,
        pad_token_id=PADDING,
        bos_token_id=START,
    )
    found = model.generate(input_ids=x, generation_config=asked)
    return [[token for token in row[1:] if token not in (END, PADDING)] for row in found.tolist()]


def ours(network: Translator, x: Tensor, spec: PairSpec, stop: str, beam: int) -> list[list[int]]:
    """Ours."""
    early = STOPS[stop][0]
    nbest = beam if early else 1  # theirs waits for so many that have ended
    options = BeamOptions(beam=beam, nbest=nbest, length_penalty="plain", alpha=1.0, early_stop=early)
    return [list(hypotheses[0].tokens) for hypotheses in translate(network, x, spec, options)]


def score(network: Translator, x: Tensor, rows: list[list[int]]) -> float:
    """The sum over sentences of log p(target, end | source) over length."""
    longest = max(map(len, rows)) + 1
    targets = torch.full((len(rows), longest), PADDING)
    for place, row in enumerate(rows):
        targets[place, : len(row) + 1] = torch.tensor([*row, END])
    before = torch.cat([torch.full((len(rows), 1), START), targets[:, :-1]], 1)
    chosen = network(x, before).log_softmax(-1).gather(2, targets[:, :, None])[:, :, 0]
    asked = torch.arange(longest) < torch.tensor([[len(row) + 1] for row in rows])
    return float(((chosen * asked).sum(1) / asked.sum(1)).sum())


def compared(run: Run, beam: int, batch: int, stop: str) -> dict[str, Any]:
    """Both ways over the test split, batch by batch."""
    network, spec = cast(Translator, run.model), cast(PairSpec, run.spec)
    items = cast(PairItems, data_of(run.record, None).test)
    model = Wrapped(network, beam).eval()
    ways = {
        "ours": lambda x: ours(network, x, spec, stop, beam),
        "theirs": lambda x: theirs(model, x, spec, stop),
    }
    seconds, scores = dict.fromkeys(ways, 0.0), dict.fromkeys(ways, 0.0)
    written: dict[str, dict[int, str]] = {name: {} for name in ways}
    with torch.no_grad():
        for number, index in enumerate(items.by_length(batch)):
            x = items.take(index).x
            for name in sorted(ways, reverse=bool(number % 2)):
                begin = time.perf_counter()
                rows = ways[name](x)
                if number:  # the first batch warms up
                    seconds[name] += time.perf_counter() - begin
                scores[name] += score(network, x, rows)
                sentences = [spec.target.decode(row) for row in rows]
                written[name].update(zip(index.tolist(), sentences, strict=True))
    references = [[target for _, target in items.written]]
    found = {
        name: {
            "sentences_per_second": (len(items) - batch) / seconds[name],
            "score": scores[name] / len(items),
            "bleu": sacrebleu.corpus_bleu([written[name][place] for place in range(len(items))], references).score,
        }
        for name in ways
    }
    return {"ratio": seconds["theirs"] / seconds["ours"], **found}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run")
    parser.add_argument("--beam", type=int, default=5)
    parser.add_argument("--batch", type=int, default=100)
    options = parser.parse_args()
    run = Run(options.run)
    found = {stop: compared(run, options.beam, options.batch, stop) for stop in STOPS}
    result = {"run": run.record["config"], "beam": options.beam, **found, "machine": describe()}
    place = Path(__file__).parent / "results" / "peers"
    place.mkdir(parents=True, exist_ok=True)
    write_json(place / "transformers.json", {**result, "date": datetime.now(UTC).date().isoformat()})
    print(found)
    if any(it["ratio"] < WANTED or it["ours"]["score"] < it["theirs"]["score"] for it in found.values()):
        sys.exit(f"missed: wanted {WANTED} times the speed, and a score no worse")


if __name__ == "__main__":
    main()
