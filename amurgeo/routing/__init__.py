"""Routes and travel times through the seasonal network."""
