"""The table of mistakes. Of those whose claims hold, the first is the likeliest: special ones stand before general."""

from understudy.scratch.gradient_check import coupled, derivative, mask, operand, scale, sequence, shape, state
from understudy.scratch.gradient_check.claims import Hypothesis

H = Hypothesis
# fmt: off
HYPOTHESES: tuple[Hypothesis, ...] = (
    H("gradient accumulated, never reset", "A second backward() adds to the first one's gradients.", "d{slot} = ... assigned in backward(), not d{slot} += ...", state.adding_up, only_whole=True),
    H("stale cached activation", "backward() uses what an earlier forward() call kept.", "forward() keeps its arrays anew at every call; d{slot} uses those of the last call", state.stale, only_whole=True),
    H("sign flipped", "The gradient points the opposite way.", "d{slot} = -(what backward() gives); for y = a - b: da = dy, db = -dy", scale.negative),
    H("broadcasting ({detail})", "An (N, 1) array and an (N,) array were broadcast to (N, N).", "reshape both to one shape first: diff = p - t.reshape(p.shape)", shape.outer_difference),
    H("bias gradient not summed over the batch", "The gradient has one row per item; the parameter has one for all.", "d{slot} = dz.sum(axis=0)", shape.not_summed, only_whole=True),
    H("transposed operand ({detail})", "A matrix in the product is transposed, or lacks its transpose.", "for y = x @ W: dW = x.T @ dy, dx = dy @ W.T", shape.transposed),
    H("missing 1/(N*D) (sum instead of mean over all entries)", "The loss is a mean over N items of D values, the gradient is that of the sum.", "d{slot} = (...) / (N * D)", scale.batch_factor(1, 1), only_whole=True),
    H("missing 1/N (sum instead of mean over the batch)", "The mean over the N items lacks in the gradient.", "d{slot} = (...) / N", scale.batch_factor(1, 0), only_whole=True),
    H("extra 1/(N*D) (mean instead of sum over all entries)", "The gradient was divided by N * D, though the loss or dy has that already.", "d{slot} = (...) without / (N * D)", scale.batch_factor(-1, -1), only_whole=True),
    H("extra 1/N (mean instead of sum over the batch)", "The gradient was averaged over the N items, though the loss or dy has 1/N already.", "d{slot} = (...).sum(axis=0), without / N", scale.batch_factor(-1, 0), only_whole=True),
    H("missing 1/D (mean over the values of an item)", "The loss is a mean over N items and D values; the gradient is divided by N alone.", "d{slot} = (...) / (N * D), not / N", scale.batch_factor(0, 1), only_whole=True),
    H("extra 1/D (mean over the values of an item)", "The loss sums over an item's D values, the gradient is their mean's.", "d{slot} = (...) without / D", scale.batch_factor(0, -1), only_whole=True),
    H("extra 1/T (mean instead of sum over time)", "The steps' gradients were averaged where they add up.", "d{slot} = sum over t, without / T", scale.time_factor(-1), only_whole=True),
    H("missing 1/T (sum instead of mean over time)", "The output is a mean over steps; the gradient is that of the sum.", "d{slot} = (...) / T", scale.time_factor(1), only_whole=True),
    H("missing factor 2", "The 2 from the derivative of a square lacks.", "for y = x**2: dx = 2 * x * dy", scale.constant(0.5), only_whole=True),
    H("extra factor 2", "A 2 too many, as from a square where the forward pass has (...)**2 / 2.", "for y = x**2 / 2: dx = x * dy", scale.constant(2.0), only_whole=True),
    H("ReLU mask taken from the incoming gradient", "The mask tests dy > 0 where it should test the forward pass's input.", "dx = dy * (x > 0), with x before the ReLU", mask.mask_of_dy),
    H("ReLU mask taken of the wrong array ({detail})", "The mask was taken after instead of before the ReLU, or from another layer's array.", "dz = dy * (z > 0), with z before the ReLU", mask.mask_of_wrong_array),
    H("ReLU mask after instead of before the product (mask of {detail})", "dy @ W.T comes first and the mask second: the forward order undone the wrong way round.", "dz = dy * (z > 0); dx = dz @ W.T", mask.mask_after),
    H("slope for negative inputs wrong (given / true = {detail})", "Positive inputs are right, negative ones have the wrong slope.", "dx = dy * where(x > 0, 1, slope)", mask.one_side),
    H("only the diagonal of the Jacobian", "Each output depends on every input (a softmax, a norm); only its own was counted.", "softmax: dx = y * (dy - (dy * y).sum(-1, keepdims=True))", coupled.diagonal_only),
    H("softmax's inner product wrong (axis, average or factor)", "The inner product of dy and y goes over the axis of the softmax.", "dx = y * (dy - (dy * y).sum(-1, keepdims=True))", coupled.softmax_axis),
    H("statistics taken for constants", "Mean and variance depend on x too; their share lacks.", "dx = (g - g.mean(-1) - xhat * (g * xhat).mean(-1)) / std, g = dy * gamma, means with keepdims", coupled.statistics_constant),
    H("missing activation derivative ({detail})", "The chain rule's factor f'(z) was left out.", "dz = dy * f'(z): sigmoid y * (1 - y), tanh 1 - y**2, ReLU z > 0; then d{slot} from dz", derivative.missing),
    H("missing activation derivative ({detail})", "The product takes dy, before the activation's derivative.", "dz = dy * f'(z); d{slot} = x.T @ dz", operand.without_derivative),
    H("extra activation derivative ({detail})", "A factor f'(z) too many: as when the loss took the sigmoid's derivative out already.", "with cross-entropy from logits: dz = (y - t) / N, without y * (1 - y); d{slot} from that dz", derivative.extra),
    H("activation derivative incomplete (factor {detail} missing)", "A part of f'(z) was left out.", "sigmoid: dz = dy * y * (1 - y); tanh: dz = dy * (1 - y**2); then d{slot} from dz", derivative.incomplete),
    H("sign of one term flipped", "Two terms, one of them with the wrong sign.", "tanh: dy * (1 - y**2); sigmoid: dy * y * (1 - y); softmax: y * (dy - (dy * y).sum(-1))", derivative.term_reversed),
    H("skip connection left out", "y = x + f(x) passes dy on twice: through f, and as it is.", "dx = dy + (what comes back through f)", derivative.skip_forgotten),
    H("wrong operand ({detail})", "The product takes the gradient of the wrong layer's input: another array than the forward pass took.", "for y = x @ W: dW = x.T @ dy, with the x that went into this layer", operand.exchanged),
    H("wrong operand ({detail} in place of the input)", "The product takes the gradient of the wrong layer's input, as the output in place of the input.", "for y = x @ W: dW = x.T @ dy, with the x that went into this layer", operand.product),
    H("wrong operand (derivative taken at {detail})", "f' was computed from the wrong array, as the input in place of the output.", "sigmoid: dx = dy * y * (1 - y); tanh: dx = dy * (1 - y**2), with the output y", operand.wrong_factor),
    H("gradients returned in the wrong order ({detail} in place of d{slot})", "What is given is right, but for another input or parameter.", "return the gradients in the order of forward's inputs; grads by the names of params", operand.another_slot),
    H("gradient not carried through time", "Each step gets its own output's gradient, none from the steps after it.", "dh_t = dy_t + dz_(t+1) @ Wh.T", sequence.not_carried),
    H("gradient not carried through time (only the last step is reached)", "The loop back through time ends after one step.", "dh_(t-1) = dz_t @ Wh.T, for every t down to the first", sequence.last_step_only),
    H("missing or extra activation derivative in what is carried through time ({detail})", "The step before gets dh @ Wh.T in place of dz @ Wh.T, or the derivative twice.", "dz_t = dh_t * (1 - h_t**2); dh_(t-1) = dy_(t-1) + dz_t @ Wh.T", sequence.carried_without_derivative),
    H("gradient carried through time with the sign flipped", "What a step gets from the next one has the wrong sign.", "dh_t = dy_t + dz_(t+1) @ Wh.T", sequence.carried_reversed),
    H("overwritten instead of summed (only the {detail} one counts)", "A loop over steps or items assigns the gradient where it should add.", "d{slot} += ... in the loop, from zeros before it", sequence.overwritten, only_whole=True),
    H("overwritten instead of summed (only the {detail} step counts)", "A loop over steps assigns the gradient where it should add.", "d{slot} += ... in the loop, from zeros before it", sequence.overwritten_in_time, only_whole=True),
    H("overwritten instead of summed (only the {detail} item counts)", "A loop over items assigns the gradient where it should add.", "d{slot} += ... in the loop, from zeros before it", shape.one_row_only, only_whole=True),
    H("bias gradient summed over the wrong axis", "The sum went over the parameter's own axis.", "d{slot} = dz.sum(axis=0)", shape.summed_too_far, only_whole=True),
    H("missing gradient (zero or detached)", "Nothing reaches {slot}: it is never set, set to zeros, or cut off.", "d{slot} = dL/d{slot}, stored by backward()", state.nothing),
    H("wrong shape ({detail})", "The values are right, the shape is not.", "d{slot} has the shape of {slot}", shape.reshaped, only_whole=True),
    H("missing factor (given / true = {detail})", "Right but for one number.", "d{slot} = (what backward() gives) / {detail}", scale.some_constant, only_whole=True),
)
# fmt: on
