# %% [markdown]
# # The bridge shut for ten days in November, and ice three weeks late
# Two scenario files beside this script, and the same closure as a change on one line.

# %%
from pathlib import Path

import amurgeo as ag

here = Path(__file__).parent
net = ag.load()
shut = ag.compare(
    net, ["baseline", here / "bridge_shut_ten_days.toml"], first="2026-11-01", last="2026-11-30"
)
inline = ag.compare(
    net,
    ["baseline", "kani_kurgan:bridge close 2026-11-10..2026-11-19"],
    first="2026-11-01",
    last="2026-11-30",
)
print(shut.pairs[["origin", "destination", "days_lost", "days_slower", "mean_delta_h"]].head(8))
print("the same:", (shut.pairs["days_slower"] == inline.pairs["days_slower"]).all())

# %%
late = ag.compare(net, ["baseline", here / "ice_three_weeks_late.toml"], year=2027)
print(late.changed("ice_three_weeks_late")[["base_days", "alt_days", "base_first_open", "first_open"]])
