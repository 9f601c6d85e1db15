"""OpenStreetMap in: real road networks read from files or fetched through OSMnx, with their seasons kept."""
