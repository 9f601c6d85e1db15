"""OpenStreetMap roads with their seasons, from files or a server, as folders for `amurgeo.load`."""
