"""`map` and `job`."""
