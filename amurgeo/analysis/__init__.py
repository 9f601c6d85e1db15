"""What the network is good for as a whole: the ways left, and the way out."""
