"""An output depends on what it must not know, or not on what it must."""

from understudy.doctor.facts import Facts
from understudy.doctor.finding import Clear, NotEnough, Outcome, Remedy
from understudy.doctor.rule import Band, Example, Rule
from understudy.doctor.rules.consequences import LEARNS_LITTLE
from understudy.doctor.rules.loss_inputs import worst
from understudy.doctor.signals import Signals

TOUCHED = 1e-3
"""Change of an output, over the size of outputs, from which it depends on what was changed."""
EXACT = "below 1e-5, rounding, in healthy networks"


def items_mix(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where half a batch moves the other half's outputs."""
    found = worst(signals, "mixing")
    if found.last <= TOUCHED:
        return Clear()
    return rule.fire(
        f"when one half of a batch is exchanged, the outputs of the other half move by {found.last:.1%} of their size, "
        "in evaluation mode",
        step=found.steps[0],
        place=found.place,
        value=found.last,
    )


ITEMS_MIX = Rule(
    id="items-mix",
    title="Items of a batch influence each other",
    severity="error",
    cause="Axes are confused: the batch is read as time (batch_first), or a view or a reshape runs across items.",
    reference="PyTorch documentation, torch.nn.LSTM (batch_first).",
    healthy=Band("mixing", high=TOUCHED, measured=EXACT),
    remedies=(
        Remedy(
            "Say that the batch comes first",
            expects="items do not move each other",
            code="nn.LSTM(..., batch_first=True)",
        ),
        Remedy(
            "Exchange axes by transpose, not by view",
            expects="items do not move each other",
            code="x = x.transpose(0, 1)  # view(time, batch, -1) mixes items",
        ),
    ),
    examine=items_mix,
    sick=Example(Signals.of({"mixing": [0.7]})),
    well=Example(Signals.of({"mixing": [2e-7]})),
    needs=("mixing",),
    hides=LEARNS_LITTLE,
)


def future_leaks(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where later tokens move the outputs of earlier ones."""
    found = worst(signals, "foresight")
    if found.last <= TOUCHED:
        return Clear()
    return rule.fire(
        f"when the second half of a sequence is exchanged, the outputs of the first half move by {found.last:.1%} of "
        "their size; each of them is to say the next token",
        step=found.steps[0],
        place=found.place,
        value=found.last,
    )


FUTURE_LEAKS = Rule(
    id="future-leaks",
    title="The network sees the tokens that it is to say",
    severity="error",
    cause="Attention has no causal mask, a layer reads from both ends, or a normalisation or a convolution reaches "
    "ahead: the loss falls in training, and the network cannot write.",
    reference="Vaswani et al., 2017, Attention Is All You Need, arXiv:1706.03762, section 3.2.3.",
    healthy=Band("foresight", high=TOUCHED, measured=EXACT),
    remedies=(
        Remedy(
            "Mask what comes later",
            expects="earlier outputs do not move",
            code="mask = nn.Transformer.generate_square_subsequent_mask(time); layer(x, mask, is_causal=True)",
        ),
        Remedy("Read from one end", expects="earlier outputs do not move", code="nn.LSTM(..., bidirectional=False)"),
    ),
    examine=future_leaks,
    sick=Example(Signals.of({"foresight": [0.4]})),
    well=Example(Signals.of({"foresight": [0.0]})),
    needs=("foresight",),
)


def target_is_input(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where a network that reads from the left is asked for the token that it just read."""
    found = worst(signals, "copied")
    if found.last < 0.99:
        return Clear()
    return rule.fire(
        f"{found.last:.1%} of the tokens that are asked for are the one that was just read",
        step=found.steps[0],
        place=found.place,
        value=found.last,
    )


TARGET_IS_INPUT = Rule(
    id="target-is-input",
    title="The target is the input",
    severity="error",
    cause="The target was not moved on by a place: the network learns to repeat, and its loss falls to 0.",
    reference="Bengio et al., 2003, A Neural Probabilistic Language Model, JMLR 3, equation 1.",
    healthy=Band("copied", high=0.99, measured="0.02 to 0.15, tokens that repeat, in healthy runs"),
    remedies=(
        Remedy(
            "Ask for the next token",
            expects="the loss stays above the text's entropy",
            code="x, y = text[:-1], text[1:]",
        ),
    ),
    examine=target_is_input,
    sick=Example(Signals.of({"copied": [1.0]})),
    well=Example(Signals.of({"copied": [0.04]})),
    needs=("copied",),
)

PADDING_MOVES = 0.05


def padding_matters(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where more padding changes what is said of an item."""
    found = worst(signals, "padding_moves")
    if min(found.values) <= PADDING_MOVES:
        return Clear()
    return rule.fire(
        f"when sequences are filled up by a few more places, outputs move by {found.last:.0%} of their size; batches "
        "are filled up to their longest, so that an answer hangs on what is beside it",
        step=found.steps[0],
        place=found.place,
        value=found.last,
    )


PADDING_MATTERS = Rule(
    id="padding-matters",
    title="Padding changes the result",
    severity="error",
    cause="The network reads what fills short sequences up: the last state is one of padding, a mean counts it, or "
    "attention looks at it.",
    reference="PyTorch documentation, torch.nn.utils.rnn.pack_padded_sequence; MultiheadAttention (key_padding_mask).",
    healthy=Band("padding_moves", high=PADDING_MOVES, measured=EXACT),
    remedies=(
        Remedy(
            "Pack the sequences",
            expects="more padding changes nothing",
            code="packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)",
        ),
        Remedy(
            "Mask the padding in attention and means",
            expects="more padding changes nothing",
            code="attention(q, k, v, key_padding_mask=tokens == PAD)",
        ),
    ),
    examine=padding_matters,
    sick=Example(Signals.of({"padding_moves": [0.5]})),
    well=Example(Signals.of({"padding_moves": [1e-7]})),
    needs=("padding_moves",),
)


def state_carried(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where a state is carried on though the sequences do not go on."""
    carried = [signal for signal in signals.every("state_carried") if signal.values and min(signal.values) >= 1]
    if not carried:
        return Clear()
    continues = signals.one("batch_continues")
    if not len(continues):
        return NotEnough("whether a batch goes on where the one before ended is not known")
    if max(continues.values) > 0.5:
        return Clear()
    return rule.fire(
        f"{carried[0].place or 'the network'} began each of {len(carried[0])} batches with its last state of the batch "
        f"before, though {1 - continues.last:.0%} of the sequences are new ones",
        step=carried[0].steps[0],
        place=carried[0].place,
        value=1.0,
    )


STATE_CARRIED = Rule(
    id="state-carried",
    title="The hidden state is not reset between unrelated sequences",
    severity="error",
    cause="The state at the end of a batch is where the next one begins: what is said of a sequence hangs on another "
    "one that happened to come before.",
    reference="Williams and Peng, 1990, An Efficient Gradient-Based Algorithm for On-Line Training of Recurrent "
    "Network Trajectories: a state is carried on where the sequence goes on.",
    healthy=Band("state_carried", high=0.0, measured="exact: states are compared to the bit"),
    remedies=(
        Remedy("Begin each batch without a state", expects="order does not matter", code="output, _ = self.rnn(x)"),
        Remedy(
            "Or let each batch go on where the last one ended",
            expects="the state belongs to the sequence",
            code="for x, y in zip(text.split(T), text[1:].split(T)): ...  # in order, not shuffled",
        ),
    ),
    examine=state_carried,
    sick=Example(Signals.of({"state_carried @ rnn": [1, 1, 1], "batch_continues": [0, 0, 0]})),
    well=Example(Signals.of({"state_carried @ rnn": [0, 0, 0], "batch_continues": [0, 0, 0]})),
    needs=("state_carried",),
)
