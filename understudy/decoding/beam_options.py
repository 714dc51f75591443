"""How a beam search is asked for."""

from typing import Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class BeamOptions:
    """What the search looks for, and how widely.

    Reference:
        Wu et al., 2016, Google's Neural Machine Translation System, arXiv:1609.08144, eq. 14 (`alpha`, `beta`).
        Vijayakumar et al., 2018, Diverse Beam Search, arXiv:1610.02424, eq. 5 (`groups`, `diversity`).
        Paulus et al., 2018, A Deep Reinforced Model for Abstractive Summarization, arXiv:1705.04304, section 2.5
        (`no_repeat_ngram`).
        Keskar et al., 2019, CTRL, arXiv:1909.05858, section 4.1 (`repetition_penalty`).
    """

    beam: int = Field(default=5, ge=1, description="hypotheses side by side; 1 takes the likeliest token each time")
    nbest: int = Field(default=1, ge=1, description="hypotheses to return, at most beam")
    length_penalty: Literal["gnmt", "plain"] = Field(
        default="gnmt",
        description="what a log-probability is divided by: gnmt ((5 + length) / 6)^alpha, plain length^alpha",
    )
    alpha: float = Field(default=0.6, ge=0, description="how much longer hypotheses are favoured; 0: not at all")
    beta: float = Field(
        default=0.0, ge=0, description="penalty for places of the source that attention left out; 0: none"
    )
    min_length: int = Field(default=0, ge=0, description="tokens before the end may come")
    no_repeat_ngram: int = Field(
        default=0, ge=0, description="a row of so many tokens may come only once; 0: no such rule"
    )
    repetition_penalty: float = Field(
        default=1.0, gt=0, description="above 1: logits of tokens that were written before are lowered by this factor"
    )
    groups: int = Field(default=1, ge=1, description="parts of the beam, each kept unlike those before it")
    diversity: float = Field(
        default=0.5, ge=0, description="with groups: what a token costs for each earlier group's choice of it"
    )

    def __post_init__(self) -> None:
        if self.nbest > self.beam:
            raise ValueError(f"nbest is at most beam, got {self.nbest} and {self.beam}; widen the beam")
        if self.beam % self.groups:
            raise ValueError(f"groups must divide beam, got {self.groups} and {self.beam}")
