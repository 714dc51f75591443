"""A run's findings taken at their word: each remedy is tried from the start, beside no change and a control change."""
