# %% [markdown]
# # What if the bridge shuts for ten days in November?
# A scenario file beside this script; the closure also fits on one line. Hours first, then queues, then late
# ice.

# %%
from pathlib import Path

import amurgeo as ag

here = Path(__file__).parent if "__file__" in globals() else Path()
net = ag.load()
november = {"first": "2026-11-01", "last": "2026-11-30", "destinations": ["Heihe", "Harbin"]}
shut = ag.compare(net, ["baseline", here / "bridge_shut_ten_days.toml"], **november)
inline = ag.compare(net, ["baseline", "kani_kurgan:bridge close 2026-11-10..2026-11-19"], **november)
assert shut.pairs["days_slower"].equals(inline.pairs["days_slower"])

# %% [markdown]
# ## Which towns lose how much
# `changed_h` are the hours on the days that are slower, not a mean over the month.

# %%
towns = shut.pairs[shut.pairs["destination"].isin(["heihe", "harbin"])]
columns = ["origin", "destination", "days_lost", "days_slower", "base_usual_h", "changed_h"]
print(towns[columns].round(1).to_string(index=False))
worst = towns.loc[(towns["changed_h"] - towns["base_usual_h"]).idxmax()]
more = worst["changed_h"] - worst["base_usual_h"]
print(
    f"On {worst['days_slower']} days no pair is cut off, but trucks that do not wait go round by another "
    f"region. The most is {more:.1f} h more: {worst['origin']} - {worst['destination']}."
)

# %%
found = ag.routes(
    net, "Blagoveshchensk", "Heihe", on="2026-11-15", scenario=here / "bridge_shut_ten_days.toml"
)
for route in found.records():
    print(f"{route['crossing']}: {route['total_h']:.1f} h, {route['length_km']:.0f} km.")

# %% [markdown]
# ## Who waits, and who goes round
# The same closing for all trucks at once.

# %%
scenarios = ["baseline", here / "bridge_shut_ten_days.toml"]
queues = ag.queues(net, scenarios, start="2026-11-01", end="2026-12-15")
print(*queues.sentences("en"), sep="\n")

# %% [markdown]
# ## Ice three weeks late

# %%
late = ag.compare(
    net,
    ["baseline", here / "ice_three_weeks_late.toml"],
    first="2026-11-01",
    last="2027-05-31",
    destinations=["Heihe"],
)
for (crossing, traffic), row in late.changed("ice_three_weeks_late").iterrows():
    opens, usually = row["first_open"].date(), row["base_first_open"].date()
    print(
        f"{crossing} ({traffic}): opens {opens} instead of {usually}, "
        f"{row['alt_days']} days instead of {row['base_days']}."
    )
print("Expected days; the openings of 2026/27 have a spread of about a week to either side.")
