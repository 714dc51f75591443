"""The doctor beside a training loop of somebody else's."""
