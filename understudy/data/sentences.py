"""Sentences as token numbers, each with an end."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from understudy.data.bpe import SPACE
from understudy.data.vocabulary import BPE_SIZE, UNKNOWN, Unit, decode, finder, learn_tokens
from understudy.errors import OptionError

PADDING, START, END = 1, 2, 3
"""Numbers of what fills a row up, of what is read before a sentence, and of what ends it; 0 is the unknown token."""
NAMES = {START: "start", END: "end"}
SPECIAL = ("\u2400", "\u2402", "\u2403")
_NOT_SPECIAL = str.maketrans(dict.fromkeys(SPECIAL, UNKNOWN))


@dataclass(frozen=True)
class Language:
    """What sentences are written in.

    Attributes:
        vocabulary: the tokens by their numbers; the first four are the unknown one, padding, start and end.
        longest: tokens of the longest training sentence, its end included.
    """

    unit: Unit
    vocabulary: tuple[str, ...]
    longest: int

    def encode(self, text: str) -> list[int]:
        """Token numbers of a sentence, its end the last."""
        return [*self._find(text.translate(_NOT_SPECIAL)), END]

    def forced(self, text: str) -> tuple[int, ...]:
        """Token numbers of what a sentence must begin with, without an end.

        Raises:
            OptionError: some of it is not in the vocabulary.
        """
        *found, _ = self.encode(text)
        if 0 in found:
            raise OptionError(f"'{text}' cannot be written, only '{self.decode(found)}' is in the vocabulary")
        return tuple(found)

    def phrase(self, text: str) -> tuple[int, ...]:
        """The same inside of a sentence, where a mark follows what is before it without a space."""
        found = self.forced(text)
        return found[1:] if self.unit == "bpe" and [self.piece(it) for it in found[:1]] == [SPACE] else found

    @functools.cached_property
    def _find(self) -> Callable[[str], list[int]]:
        return finder(self.unit, self.vocabulary)

    def decode(self, numbers: Sequence[int]) -> str:
        """The text of token numbers, up to the first end."""
        return decode(self._said(numbers), self.unit, self.vocabulary)

    def piece(self, number: int) -> str:
        """A token as it is written, for a place in a picture: spaces as signs, start and end by their names."""
        if number in NAMES:
            return NAMES[number]
        return self.vocabulary[number].replace(" ", "" if self.unit == "bpe" else SPACE)

    def pieces(self, numbers: Sequence[int]) -> list[str]:
        """Each token as it is written."""
        return [self.piece(number) for number in numbers]

    def _said(self, numbers: Sequence[int]) -> list[int]:
        kept = list(numbers)
        kept = kept[: kept.index(END)] if END in kept else kept
        return [number for number in kept if number not in (PADDING, START)]

    def __len__(self) -> int:
        """Different tokens."""
        return len(self.vocabulary)

    def __str__(self) -> str:
        return f"{len(self):,} different {self.unit}"


def learn_language(texts: Sequence[str], unit: Unit, bpe_size: int = BPE_SIZE) -> Language:
    """The language of training sentences.

    Args:
        bpe_size: entries of a bpe vocabulary, without the special ones.

    Raises:
        OptionError: the unit is bytes, which have no number left for a sentence's end.
    """
    if unit == "bytes":
        raise OptionError("tokens=bytes goes with a text; sentences take characters, words or bpe")
    unknown, *learned = learn_tokens([text.translate(_NOT_SPECIAL) for text in texts], unit, bpe_size)
    vocabulary = (unknown, *SPECIAL, *learned)
    find = finder(unit, vocabulary)
    return Language(unit, vocabulary, 1 + max(len(find(text)) for text in texts))
