# %% [markdown]
# # The two gaps: while ice forms, and while it drifts
# With the bridge and without it: which pairs are lost or forced round, and by how much.

# %%
import amurgeo as ag

net = ag.load()
for gap in ("freeze_up", "break_up"):
    result = ag.compare(net, ["baseline", gap, f"{gap}+no_bridge"])
    print(result.summary[["lost", "slower", "same", "fewer_ways", "mean_delta_h"]])

# %% Through the year: how many checkpoints could still fail
ways = ag.redundancy(net, 2026, origins=["Blagoveshchensk"], destinations=["Heihe"])
print(ways[["month", "ways_checkpoint", "fewest_checkpoint"]].to_string(index=False))
