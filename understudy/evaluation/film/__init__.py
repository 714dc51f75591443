"""A film of what a network samples while it trains: observer, scenes, pictures."""
