"""Does a caption say what is in the picture?"""

import math
from collections import Counter
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from understudy.data.captions import CaptionItems, first
from understudy.data.dataset import Dataset
from understudy.data.memory import unit_floats
from understudy.data.spec import CaptionSpec
from understudy.decoding.beam_options import BeamOptions
from understudy.decoding.captioning import caption, caption_items
from understudy.decoding.tree import labelled
from understudy.evaluation.figures import Figure
from understudy.evaluation.translation import BEAM, compared_to_any, cross_entropy
from understudy.models.capabilities import Captions

SHOWN, WRONG = 4, 8
"""Pictures whose attention is drawn, and wrong captions that are listed, at most."""
SIDE, LABEL, GAP = 400, 130, 8
"""CSS pixels of a drawn picture's longer side, of the words beside it, and between two: too many for the report to
enlarge some of the sheets."""
GLOW = np.array([250.0, 120.0, 0.0])


def score_captions(network: Captions, data: Dataset, *, seed: int) -> dict[str, float]:
    """Exact match, BLEU and chrF of beam search on the test split, and nats per token; beside them greedy search.

    A picture that has several captions has one of them to match. The baselines give every picture the commonest
    training caption, and the first caption of the nearest training picture.
    """
    items, spec = cast(CaptionItems, data.test), cast(CaptionSpec, data.spec)
    train, wanted = cast(CaptionItems, data.train), cast(CaptionItems, data.test).captions()
    nats = cross_entropy(network, data)
    scores = {
        **compared_to_any(caption_items(network, items, spec, BeamOptions(beam=BEAM)), wanted),
        "nats_per_token": nats,
        "perplexity": math.exp(nats),
    }
    commonest, told = Counter(train.written).most_common(1)[0][0], train.captions()
    baselines = {
        "greedy": caption_items(network, items, spec, BeamOptions(beam=1)),
        "majority": [commonest] * len(wanted),
        "nearest": [told[place][0] for place in nearest_pictures(items.x, train.x).tolist()],
    }
    for name, texts in baselines.items():
        scores |= {f"{name}_{metric}": value for metric, value in compared_to_any(texts, wanted).items()}
    return scores


def nearest_pictures(x: Tensor, others: Tensor) -> Tensor:
    """The place of the nearest of the other pictures, by squared distance: (count, ...), (many, ...) -> (count,)."""
    known = unit_floats(others).flatten(1)
    return torch.cat([torch.cdist(unit_floats(part).flatten(1), known).argmin(1) for part in x.split(500)])


def attention_pictures(network: Captions, data: Dataset, *, seed: int) -> list[Figure]:
    """Where the network looked for each word of some test pictures, drawn over them; none without attention."""
    items, spec = first(cast(CaptionItems, data.test), SHOWN), cast(CaptionSpec, data.spec)
    x = items.take(torch.arange(len(items))).x
    figures = []
    for number, hypotheses in enumerate(caption(network, x, spec, BeamOptions(beam=BEAM))):
        best = hypotheses[0]
        if best.attention is None:
            return []
        words = spec.target.pieces(best.tokens)
        maps = best.attention[: len(words)].unflatten(1, network.grid()).float().cpu()
        said = (
            f"'{spec.target.decode(best.tokens)}', by a beam of {BEAM}; it should be '{items.written[number]}'. One "
            "picture for each word: the brighter the glow, the more the network looked there as it wrote the word."
        )
        image = looked_at(x[number].cpu(), maps, words)
        figures.append(Figure(f"attention-{number + 1}", f"Where it looks, picture {number + 1}", said, image=image))
    return figures


def looked_at(picture: Tensor, maps: Tensor, words: list[str]) -> NDArray[np.uint8]:
    """The picture once for each word, what was looked at glowing, the word beside it.

    Shapes: picture (channels, height, width), maps (words, down, across) -> (height, width, 3)
    """
    height, width = picture.shape[1:]
    factor = max(1, SIDE // max(height, width))
    size = (width * factor, height * factor)
    pixels = (picture.clamp(0, 1) * 255).byte().permute(1, 2, 0).numpy()
    plain = np.asarray(Image.fromarray(pixels.squeeze()).convert("RGB").resize(size, Image.Resampling.NEAREST), float)
    sheet = Image.new("RGB", (LABEL + size[0], (size[1] + GAP) * max(1, len(words)) - GAP), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(18)
    for row, (word, seen) in enumerate(zip(words, maps, strict=True)):
        top = row * (size[1] + GAP)
        shares = Image.fromarray((seen / seen.max().clamp_min(1e-9)).numpy(), mode="F")
        glow = np.asarray(shares.resize(size, Image.Resampling.BILINEAR))[:, :, None] * 0.6
        sheet.paste(Image.fromarray((plain * (1 - glow) + GLOW * glow).astype(np.uint8)), (LABEL, top))
        pen.text((LABEL - GAP, top + size[1] / 2), word, fill="black", font=font, anchor="rm")
    return np.asarray(sheet)


def caption_tree(network: Captions, data: Dataset, *, seed: int) -> list[Figure]:
    """How the hypotheses for the first test picture live and die."""
    items, spec = first(cast(CaptionItems, data.test), 1), cast(CaptionSpec, data.spec)
    trees: list[dict[str, Any]] = []
    caption(network, items.take(torch.tensor([0])).x, spec, BeamOptions(beam=BEAM), trees=trees)
    said = (
        f"What a beam of {BEAM} looked at for the first picture, '{items.written[0]}': a column for each word; bold is "
        "what it returned, pale what had a slot and lost it."
    )
    return [Figure("search-tree", "How the beam searches", said, plot=labelled(trees[0], spec.target.piece))]


def wrong_captions(network: Captions, data: Dataset, *, seed: int) -> list[Figure]:
    """Captions that are not as they should be."""
    items, spec = cast(CaptionItems, data.test), cast(CaptionSpec, data.spec)
    texts = caption_items(network, items, spec, BeamOptions(beam=BEAM))
    wrong = [(text, known[0]) for text, known in zip(texts, items.captions(), strict=True) if text not in known]
    said = (
        f"{len(wrong):,} of {len(items.x):,} test pictures have another caption than they should, by a beam of {BEAM}."
    )
    listed = "\n\n".join(f"wrote    {text}\nwanted   {true}" for text, true in wrong[:WRONG])
    return [Figure("wrong", "What it takes for something else", said, text=listed or "None.")]
