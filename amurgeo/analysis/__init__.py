"""Analyses of the whole network: exits, redundancy, and sweeps over many scenarios."""

#: Kinds of elements of a network, in the order in which equally critical ones are listed.
KINDS = ("crossing", "checkpoint", "pair", "bridge", "road", "railway")
#: What settlements must reach; columns of hours are ``to_<goal>_h``.
GOALS = ("centre", "hospital", "railway", "crossing", "far")
