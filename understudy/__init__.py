"""Understudy: train, judge, compare and use generative and sequence networks."""
