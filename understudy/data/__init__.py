"""What a network learns from: a name, a path or an array in, three splits of items out."""
