"""What the structure of a network, a loss or a batch tells before anything is learnt. Tensors in, numbers out."""
