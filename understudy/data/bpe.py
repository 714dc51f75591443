"""Byte-pair encoding: words cut into the pieces that a training text repeats most.

A vocabulary lists single letters first, then the merges in the order in which they were learned, each as its two parts
with a space between them ("t h", "th e"): so it is all that encoding needs, and it goes through JSON.

Reference:
    Sennrich et al., 2016, Neural Machine Translation of Rare Words with Subword Units, arXiv:1508.07909.
    Kudo and Richardson, 2018, SentencePiece, arXiv:1808.06226, for spaces that are kept as a letter of their own.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from understudy.errors import OptionError

SPACE = "\u2581"
"""What stands for a space within a piece."""


def learn_pieces(texts: Iterable[str], size: int, unknown: str) -> tuple[str, ...]:
    """The vocabulary of at most `size` entries, `unknown` first; letters are never left out, however many.

    Raises:
        OptionError: the package tokenizers is not there.
    """
    library = _library()
    tokenizer = _tokenizer(library, library.models.BPE(unk_token=unknown))
    trainer = library.trainers.BpeTrainer(vocab_size=size, special_tokens=[unknown], show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    letters = sorted(piece for piece in model["vocab"] if len(piece) == 1 and piece != unknown)
    return (unknown, *letters, *(merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"]))


def piece_finder(vocabulary: Sequence[str]) -> Callable[[str], list[int]]:
    """What finds the numbers of a text's pieces; a letter that the vocabulary lacks is its entry 0.

    Raises:
        OptionError: the package tokenizers is not there.
    """
    library = _library()
    numbers: dict[str, int] = {}
    for number, entry in enumerate(vocabulary):
        numbers.setdefault(entry.replace(" ", ""), number)  # two merges may make one piece
    merges = [tuple(entry.split(" ")) for entry in vocabulary if " " in entry]
    tokenizer = _tokenizer(library, library.models.BPE(vocab=numbers, merges=merges, unk_token=vocabulary[0]))
    return lambda text: list(tokenizer.encode(text).ids)


def join_pieces(entries: Sequence[str]) -> str:
    """The text of some entries of a vocabulary."""
    return "".join(entries).replace(" ", "").replace(SPACE, " ").removeprefix(" ")


def _tokenizer(library: Any, model: Any) -> Any:
    """No piece goes over the beginning of a word, a mark, or the end of a line."""
    tokenizer, before = library.Tokenizer(model), library.pre_tokenizers
    tokenizer.pre_tokenizer = before.Sequence(
        [before.Metaspace(replacement=SPACE), before.Punctuation(), before.Split("\n", "isolated")]
    )
    return tokenizer


def _library() -> Any:
    try:
        import tokenizers
    except ImportError:
        raise OptionError(
            "tokens=bpe needs the package tokenizers; pip install 'understudy[bpe]', or take tokens=words"
        ) from None
    return tokenizers
