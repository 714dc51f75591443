"""The table of networks. One line each; what lists, tests, documents or builds networks derives from it."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from understudy.errors import DataError, OptionError, UnknownName

if TYPE_CHECKING:
    from understudy.data.spec import Spec
    from understudy.models.network import Network


@dataclass(frozen=True)
class Entry:
    """One line of the table: where the class is, in words what it is, and a preset's options and training settings."""

    target: str
    summary: str
    model: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)

    def load(self) -> type[Network]:
        """The class; imports torch.

        Raises:
            OptionError: a user's file that cannot be imported, or does not have the class.
        """
        module, _, name = self.target.rpartition(":")
        if module.endswith(".py"):
            return own_network(Path(module), name)
        network: type[Network] = getattr(importlib.import_module(module), name)
        return network


# fmt: off
TABLE: dict[str, Entry] = {
    "autoencoder": Entry("understudy.models.autoencoder:Autoencoder", "undercomplete autoencoder"),
    "deep-autoencoder": Entry("understudy.models.autoencoder:Autoencoder", "deep autoencoder (Hinton and Salakhutdinov, 2006)", {"hidden": (1000, 500, 250), "latent_dim": 30}, {"steps": 12000}),
    "conv-autoencoder": Entry("understudy.models.autoencoder:Autoencoder", "convolutional autoencoder", {"architecture": "conv"}),
    "denoising-autoencoder": Entry("understudy.models.denoising_autoencoder:DenoisingAutoencoder", "denoising autoencoder (Vincent et al., 2010)", {"hidden": (512,), "latent_dim": 128}),
    "sparse-autoencoder": Entry("understudy.models.sparse_autoencoder:SparseAutoencoder", "sparse autoencoder, by KL or L1 (Ng, 2011; Olshausen and Field, 1996)"),
    "contractive-autoencoder": Entry("understudy.models.contractive_autoencoder:ContractiveAutoencoder", "contractive autoencoder (Rifai et al., 2011)"),
    "numpy-autoencoder": Entry("understudy.models.numpy_autoencoder:NumPyAutoencoder", "autoencoder in NumPy, gradients by hand"),
    "vae": Entry("understudy.models.vae:VAE", "variational autoencoder (Kingma and Welling, 2014)"),
    "conditional-vae": Entry("understudy.models.conditional_vae:ConditionalVAE", "conditional variational autoencoder (Kingma et al., 2014)", {"beta": 2.0, "free_bits": 0.05}),
    "iwae": Entry("understudy.models.iwae:IWAE", "importance-weighted autoencoder (Burda et al., 2016)"),
    "vq-vae": Entry("understudy.models.vq_vae:VQVAE", "vector-quantised autoencoder (van den Oord et al., 2017)"),
    "gan": Entry("understudy.models.gan:GAN", "generative adversarial network (Goodfellow et al., 2014)"),
    "dcgan": Entry("understudy.models.dcgan:DCGAN", "convolutional GAN (Radford et al., 2016)"),
    "conditional-gan": Entry("understudy.models.conditional_gan:ConditionalGAN", "GAN of the class that is asked for (Mirza and Osindero, 2014)"),
    "wgan": Entry("understudy.models.wgan:WGAN", "Wasserstein GAN (Arjovsky et al., 2017)"),
    "wgan-gp": Entry("understudy.models.wgan_gp:WGANGP", "Wasserstein GAN with gradient penalty (Gulrajani et al., 2017)"),
    "r3gan": Entry("understudy.models.r3gan:R3GAN", "modern GAN: relativistic loss, R1 and R2 (Huang et al., 2024)"),
    "cyclegan": Entry("understudy.models.cyclegan:CycleGAN", "unpaired pictures of two domains (Zhu et al., 2017)"),
    "language-model": Entry("understudy.models.language_model:LanguageModel", "recurrent language model (Mikolov et al., 2010)"),
    "memory-probe": Entry("understudy.models.memory_probe:MemoryProbe", "who remembers? any cell on adding or copy-memory (Hochreiter and Schmidhuber, 1997)"),
    "translator": Entry("understudy.models.translator:Translator", "encoder and decoder with attention (Bahdanau et al., 2015; Luong et al., 2015)"),
    "captioner": Entry("understudy.models.captioner:Captioner", "pictures to sentences, with attention (Xu et al., 2015)"),
    "sequence-classifier": Entry("understudy.models.sequence_classifier:SequenceClassifier", "recurrent classifier of texts and of pictures read by rows (Graves, 2012)"),
    "forecaster": Entry("understudy.models.forecaster:Forecaster", "recurrent forecaster of series, with intervals"),
}
# fmt: on


def entry(name: str) -> Entry:
    """The line of `name`; a user's own network, `path.py:Class`, has one too.

    Raises:
        UnknownName: no such network; the message has the nearest name.
    """
    if ".py:" in name:
        return Entry(name, "a network of your own")
    if name not in TABLE:
        raise UnknownName("network", name, TABLE)
    return TABLE[name]


def load_class(path: Path, name: str) -> type[Any]:
    """A class from a user's file.

    Raises:
        OptionError: there is no such file, it fails, or it has no such class.
    """
    if not path.is_file():
        raise OptionError(f"no file '{path}'")
    spec = importlib.util.spec_from_file_location(f"understudy_user_{path.stem}", path)
    assert spec is not None and spec.loader is not None  # a .py file has both
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise OptionError(f"'{path}' fails when it is imported: {error!r}") from error
    found: object = getattr(module, name, None)
    if not isinstance(found, type):
        classes = [key for key, value in vars(module).items() if isinstance(value, type)]
        raise UnknownName(f"class in '{path}':", name, classes)
    return found


@functools.cache
def own_network(path: Path, name: str) -> type[Network]:
    """A network from a user's file; read once, so that its class stays one.

    Raises:
        OptionError: as `load_class`, or the class is no network.
    """
    from understudy.models.network import Network

    found = load_class(path, name)
    if not issubclass(found, Network) or not hasattr(found, "Config"):
        raise OptionError(f"{name} in '{path}' is not a Network with a Config; see docs/own_network.md")
    return found


def configure(name: str, settings: Mapping[str, Any]) -> Any:
    """The options of a network: its defaults, its preset, then `settings`.

    Raises:
        OptionError: an option does not exist or has a value that cannot be used.
    """
    from understudy.settings import validated

    line = entry(name)
    return validated(line.load().Config, {**line.model, **settings}, f"{name}'s options")


def build(name: str, settings: Mapping[str, Any], spec: Spec) -> Network:
    """A network of this name for items of this spec, freshly initialised.

    Raises:
        DataError: the network makes no sense for such items.
        OptionError: as `configure`.
    """
    config = configure(name, settings)
    network = entry(name).load()
    if not isinstance(spec, network.accepts):
        accepted = " or ".join(kind.kind for kind in network.accepts)
        such_as = ", ".join(kind.such_as for kind in network.accepts)
        raise DataError(f"{name} learns from {accepted} data ({such_as}); this data has {spec.describe()}")
    return network(config, spec)
