# %% [markdown]
# # What if the bridge shuts for ten days in November, and what if the ice comes three weeks late?
# Two scenario files beside this script. The closure also goes on one line, without a file.

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
# `mean_delta_h` is the mean over the whole month; on a day of the closure it is `on_such_a_day_h`.

# %%
towns = shut.pairs[shut.pairs["destination"].isin(["heihe", "harbin"])].copy()
towns["on_such_a_day_h"] = towns["mean_delta_h"] * 30 / towns["days_slower"]
columns = ["origin", "destination", "days_lost", "days_slower", "base_h", "mean_delta_h", "on_such_a_day_h"]
print(towns[columns].round(1).to_string(index=False))

# %%
worst = towns.loc[towns["on_such_a_day_h"].idxmax()]
print(
    f"On the {worst['days_slower']} days no pair is cut off, but trucks go round by another region. "
    f"The most is {worst['on_such_a_day_h']:.1f} h more: {worst['origin']} - {worst['destination']}."
)
found = ag.routes(
    net, "Blagoveshchensk", "Heihe", on="2026-11-15", scenario=here / "bridge_shut_ten_days.toml"
)
for route in found.records():
    print(f"{route['crossing']}: {route['total_h']:.1f} h, {route['length_km']:.0f} km.")
print("These are the ways that are left; the hours of border control and waiting are estimates.")

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
