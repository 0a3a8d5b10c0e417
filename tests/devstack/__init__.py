"""Real services for development and tests: the one place that starts, stops, kills and pauses them."""
