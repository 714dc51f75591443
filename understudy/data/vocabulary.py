"""Text to token numbers and back: characters, bytes, words, or pieces of words."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from understudy.data.bpe import join_pieces, learn_pieces, piece_finder

Unit = Literal["characters", "bytes", "words", "bpe"]
Find = Callable[[str], list[int]]

UNKNOWN = "\ufffd"
"""Number 0 of all but bytes: what the training text did not have."""
MOST_WORDS = 20_000
BPE_SIZE = 8_000
WORD = re.compile(r"\w+(?:['\u2019]\w+)?|[^\w\s]|\n")
JOINED_LEFT = set(".,;:!?)]}'\u2019\n")


def _join_words(words: Sequence[str]) -> str:
    """Words with spaces between them, none before a mark that closes and none at a line's start."""
    text = ""
    for word in words:
        text += word if not text or word in JOINED_LEFT or text.endswith(("\n", "(", "[")) else f" {word}"
    return text


@dataclass(frozen=True)
class _Way:
    cut: Callable[[str], Sequence[str]]
    join: Callable[[Sequence[str]], str]


WAYS: dict[str, _Way] = {
    "characters": _Way(list, "".join),
    "words": _Way(WORD.findall, _join_words),
}


def learn_tokens(texts: str | Iterable[str], unit: Unit, bpe_size: int = BPE_SIZE) -> tuple[str, ...]:
    """The vocabulary of a training text, or of many; of words the most frequent ones. Bytes need none.

    Example:
        >>> learn_tokens("abba", "characters")
        ('\ufffd', 'a', 'b')
    """
    if unit == "bytes":
        return ()
    texts = [texts] if isinstance(texts, str) else texts
    if unit == "bpe":
        return learn_pieces(texts, bpe_size, UNKNOWN)
    counts = Counter(token for text in texts for token in WAYS[unit].cut(text) if token != UNKNOWN)
    kept = [token for token, _ in sorted(counts.items(), key=lambda it: (-it[1], it[0]))[:MOST_WORDS]]
    return (UNKNOWN, *sorted(kept))


def finder(unit: Unit, vocabulary: Sequence[str]) -> Find:
    """What finds the token numbers of one text after another."""
    if unit == "bytes":
        return lambda text: list(text.encode())
    if unit == "bpe":
        return piece_finder(vocabulary)
    numbers = {token: number for number, token in enumerate(vocabulary)}
    return lambda text: [numbers.get(token, 0) for token in WAYS[unit].cut(text)]


def pieces(text: str, unit: Unit) -> Sequence[str]:
    """A text cut into tokens, as they are written; words across lines, and bytes that are no letter as marks.

    Example:
        >>> pieces("Well, don't!", "words")
        ['Well', ',', "don't", '!']
    """
    if unit == "bytes":
        return [bytes([byte]).decode(errors="replace") for byte in text.encode()]
    return WAYS[unit].cut(" ".join(text.split()) if unit == "words" else text)


def learn_shared(texts: Iterable[Sequence[str]], least: int) -> tuple[str, ...]:
    """The tokens that at least so many of these texts have, at most `MOST_WORDS` of them, those in most texts."""
    counts = Counter(token for text in texts for token in set(text))
    usual = [(-count, token) for token, count in counts.items() if count >= least]
    return (UNKNOWN, *sorted(token for _, token in sorted(usual)[:MOST_WORDS]))


def encode(text: str, unit: Unit, vocabulary: Sequence[str]) -> NDArray[np.int64]:
    """Token numbers of a text: (count,)."""
    return np.array(finder(unit, vocabulary)(text), np.int64)


def decode(numbers: Sequence[int], unit: Unit, vocabulary: Sequence[str]) -> str:
    """The text of token numbers; bytes that are no UTF-8 are shown as the replacement character."""
    if unit == "bytes":
        return bytes(numbers).decode(errors="replace")
    join = join_pieces if unit == "bpe" else WAYS[unit].join
    return join([vocabulary[number] for number in numbers])
