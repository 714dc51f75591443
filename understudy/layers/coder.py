"""Encoder and decoder for any spec, dense or convolutional: what every autoencoder is built from."""

from typing import Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import nn

from understudy.data.spec import ImageSpec, Spec
from understudy.errors import DataError
from understudy.layers.activations import Activation
from understudy.layers.conv import conv_decoder, conv_encoder, halvings
from understudy.layers.mlp import mlp


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class CoderOptions:
    """Shape of the encoder; the decoder mirrors it."""

    latent_dim: int | None = Field(None, ge=1, description="size of the code; unset: as fits the data")
    architecture: Literal["dense", "conv"] = Field("dense", description="dense layers, or stride-2 convolutions")
    hidden: tuple[int, ...] = Field((256,), description="sizes of the dense hidden layers; empty for a linear encoder")
    channels: tuple[int, ...] = Field((32, 64), min_length=1, description="channels of the convolutions")
    kernel_size: int = Field(5, ge=1, description="height and width of a convolution, odd")
    activation: Activation = Field("gelu", description="activation of the hidden layers")
    layer_norm: bool = Field(True, description="normalise each hidden layer over its units (Ba et al., 2016)")
    head_bias: bool = Field(True, description="bias in the convolutional encoder's last layer")

    def __post_init__(self) -> None:
        if any(size < 1 for size in (*self.hidden, *self.channels)):
            raise ValueError("hidden and channels take sizes of 1 or more")
        if self.kernel_size % 2 == 0:
            raise ValueError(
                f"kernel_size must be odd, so that a picture's size can be mirrored; got {self.kernel_size}"
            )


def picture(spec: Spec, channels: tuple[int, ...]) -> ImageSpec:
    """The spec, if it is of pictures that can be halved so often.

    Raises:
        DataError: it is not. To halve a picture of one pixel is not only useless: its gradients in bf16 were now and
            then NaN (PyTorch 2.13).
    """
    if not isinstance(spec, ImageSpec):
        raise DataError(f"a convolution needs pictures, the data has {spec.describe()}; use --set architecture=dense")
    most = halvings(spec.height, spec.width)
    if len(channels) > most:
        fitting = f"at most {most} channels, such as --set channels={','.join(map(str, channels[:most]))}"
        raise DataError(
            f"{len(channels)} convolutions halve {spec.describe()} to one pixel and beyond; "
            f"use {fitting if most else '--set architecture=dense'}"
        )
    return spec


def encoder(spec: Spec, options: CoderOptions, outputs: int) -> nn.Sequential:
    """An encoder from one item to `outputs` values.

    Shapes: (batch, *spec.shape) -> (batch, outputs)

    Raises:
        DataError: convolutions were asked for and the items are not pictures.
    """
    if options.architecture == "conv":
        shape = picture(spec, options.channels).shape
        return conv_encoder(
            shape,
            options.channels,
            options.kernel_size,
            options.activation,
            outputs,
            layer_norm=options.layer_norm,
            head_bias=options.head_bias,
        )
    layers = mlp([spec.size, *options.hidden, outputs], options.activation, layer_norm=options.layer_norm)
    return nn.Sequential(nn.Flatten(), *layers)


def decoder(spec: Spec, options: CoderOptions, latent_dim: int) -> nn.Sequential:
    """The encoder's mirror, from a code to one item before its output activation.

    Shapes: (batch, latent_dim) -> (batch, *spec.shape)

    Raises:
        DataError: convolutions were asked for and the items are not pictures.
    """
    if options.architecture == "conv":
        shape = picture(spec, options.channels).shape
        return conv_decoder(
            shape, options.channels, options.kernel_size, options.activation, latent_dim, layer_norm=options.layer_norm
        )
    sizes = [latent_dim, *options.hidden[::-1], spec.size]
    layers = mlp(sizes, options.activation, layer_norm=options.layer_norm)
    return nn.Sequential(*layers, nn.Unflatten(1, spec.shape))
