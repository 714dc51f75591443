"""What follows from a mistake, so that it is not told beside it."""

LEARNS_LITTLE = (
    "no-skill", "vanishing", "dead-units", "saturated-units", "rate-too-low", "rate-too-high", "weights-too-small",
    "weights-blow-up", "shuffled-labels", "exploding", "ignored-code", "posterior-collapse", "one-batch",
)  # fmt: skip
"""Of a network that hears nothing of the loss, or of another one than is meant."""
GOES_ASTRAY = (
    "rate-too-high", "weights-blow-up", "exploding", "dead-units", "saturated-units", "no-skill", "non-finite", "pole",
    "overfitting",
)  # fmt: skip
"""Of steps that are not along the gradient."""
