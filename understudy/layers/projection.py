"""A discriminator that judges whether an item is a real one of its class."""

from torch import Tensor, nn


class ProjectionDiscriminator(nn.Module):
    """w.h(x) + b + v_y.h(x): of the features h(x), what speaks for a real item, and what for one of class y.

    Args:
        trunk: items to features.

    Reference: Miyato and Koyama, 2018, cGANs with Projection Discriminator, arXiv:1802.05637, equation 3.
    """

    def __init__(self, trunk: nn.Module, features: int, classes: int) -> None:
        super().__init__()
        self.trunk, self.head, self.classes = trunk, nn.Linear(features, 1), nn.Embedding(classes, features)
        nn.init.normal_(self.classes.weight, std=features**-0.5)

    def forward(self, x: Tensor, classes: Tensor) -> Tensor:
        """Packs of items and the classes in each pack: (packs, ...) and (packs, packing) -> (packs, 1)."""
        features = self.trunk(x)
        asked = self.classes(classes).mean(1)  # (packs, features)
        logits: Tensor = self.head(features) + (features * asked).sum(1, keepdim=True)
        return logits
