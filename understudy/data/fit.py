"""What a trained network asks of data that it did not learn from."""

from dataclasses import dataclass, replace

from understudy.data.spec import CaptionSpec, DomainsSpec, ImageSpec, Spec, VectorSpec
from understudy.errors import DataError

Scale = tuple[tuple[float, ...], tuple[float, ...]]


@dataclass(frozen=True)
class Fit:
    """Read data for this network.

    Attributes:
        spec: what it was trained on.
        whole: put every item into `test` where the source names no splits of its own.
    """

    spec: Spec
    whole: bool = False

    @property
    def channels(self) -> int | None:
        """The channels of its pictures."""
        return self.spec.channels if isinstance(self.spec, ImageSpec | CaptionSpec) else None

    def of_picture(self, name: str) -> "Fit":
        """The same for the pictures of one domain.

        Raises:
            DataError: the network did not learn from domains.
        """
        if not isinstance(self.spec, DomainsSpec):
            raise DataError(f"run was trained on {self.spec.describe()}; '{name}' has pictures of two domains")
        return replace(self, spec=self.spec.picture)

    @property
    def scale(self) -> Scale | None:
        """The mean and std that its rows were standardised with."""
        return (self.spec.mean, self.spec.std) if isinstance(self.spec, VectorSpec) else None

    def check(self, spec: Spec, name: str) -> None:
        """Refuse data of another shape.

        Args:
            spec: what the data holds.
            name: what the data is called in messages.

        Raises:
            DataError: the shapes differ; the message says what to do about it.
        """
        if spec.shape == self.spec.shape:
            return
        raise DataError(f"run was trained on {self.spec.describe()}; '{name}' has {spec.describe()}{self._cure(spec)}")

    def _cure(self, spec: Spec) -> str:
        wanted = self.spec
        if not isinstance(wanted, ImageSpec) or not isinstance(spec, ImageSpec):
            return ""
        if spec.channels != wanted.channels:
            return "; convert the pictures to grey"  # the other way round they are spread over three channels
        return f"; resize the pictures to {wanted.height}x{wanted.width} first"
