"""Pictures to pictures: a convolutional network whose middle only adds to what comes in."""

from itertools import pairwise

from torch import Tensor, nn

from understudy.layers.conv import pyramid


class ResidualBlock(nn.Module):
    """x + f(x), f being two convolutions with instance norm.

    Reference:
        He et al., 2016, Deep Residual Learning for Image Recognition, arXiv:1512.03385, section 3.1.
        Johnson et al., 2016, Perceptual Losses for Real-Time Style Transfer, arXiv:1603.08155, appendix: no activation
        after the sum.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.change = nn.Sequential(
            *_normed(_conv(channels, channels, 3)), nn.ReLU(), *_normed(_conv(channels, channels, 3))
        )

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, height, width) -> the same shape."""
        changed: Tensor = x + self.change(x)
        return changed


def residual_translator(
    depth: int, height: int, width: int, *, channels: int, halvings: int, blocks: int
) -> nn.Sequential:
    """Halve a picture, change it by residual blocks, and bring it back to its size.

    Shapes: (batch, depth, height, width) -> the same shape, any real numbers

    Reference:
        Johnson et al., 2016, arXiv:1603.08155, table 1; Ulyanov et al., 2016, arXiv:1607.08022 (instance norm).
    """
    widths = [channels * 2**level for level in range(halvings + 1)]
    sizes = pyramid(height, width, halvings)
    layers = [*_normed(_conv(depth, channels, 7)), nn.ReLU()]
    for inputs, outputs in pairwise(widths):
        layers += [*_normed(nn.Conv2d(inputs, outputs, 3, stride=2, padding=1)), nn.ReLU()]
    layers += [ResidualBlock(widths[-1]) for _ in range(blocks)]
    for (inputs, outputs), (before, after) in zip(pairwise(widths[::-1]), pairwise(sizes[::-1]), strict=True):
        missing = (after[0] - 2 * before[0] + 1, after[1] - 2 * before[1] + 1)
        growing = nn.ConvTranspose2d(inputs, outputs, 3, stride=2, padding=1, output_padding=missing)
        layers += [*_normed(growing), nn.ReLU()]
    return nn.Sequential(*layers, _conv(channels, depth, 7))


def patch_discriminator(depth: int, channels: tuple[int, ...]) -> nn.Sequential:
    """A logit for each patch of a picture: convolutions of stride 2, then one that reads what they found.

    Shapes: (batch, depth, height, width) -> (batch, 1, *pyramid(height, width, len(channels))[-1])

    Reference:
        Isola et al., 2017, Image-to-Image Translation with Conditional Adversarial Networks, arXiv:1611.07004,
        section 3.2.2.
    """
    layers: list[nn.Module] = []
    for number, (inputs, outputs) in enumerate(pairwise((depth, *channels))):
        layer = nn.Conv2d(inputs, outputs, 3, stride=2, padding=1)
        layers += [*(_normed(layer) if number else [layer]), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Conv2d(channels[-1], 1, 3, padding=1))


def _conv(inputs: int, outputs: int, kernel_size: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, kernel_size, padding=kernel_size // 2, padding_mode="reflect")


def _normed(layer: nn.Conv2d | nn.ConvTranspose2d) -> list[nn.Module]:
    return [layer, nn.InstanceNorm2d(layer.out_channels, affine=True)]
