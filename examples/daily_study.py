# %% [markdown]
# # How long is the way to China, day by day, before the bridge and with it?
# Hours of twenty towns to Harbin on every day of two years under three scenarios: one tidy frame for pandas.

# %%
import matplotlib.pyplot as plt

import amurgeo as ag

net = ag.load()
towns = net.places[net.places["region"] == "amur_oblast"].nlargest(20, "population")
days = ag.daily(
    net,
    towns,
    ["Harbin"],
    start="2025-07-01",
    end="2027-06-30",
    scenarios=["paper_2010", "no_bridge", "baseline"],
)
print(f"{len(days):,} rows: {', '.join(days.columns)}.")

# %% [markdown]
# ## Month by month
# Means of the towns over the days with a way.

# %%
months = days.groupby(["scenario", days["date"].dt.month])["hours"].mean().unstack(0)
print(months.round(1).to_string())
for scenario in months:
    hours = months[scenario]
    print(
        f"{scenario}: {hours.min():.0f} h in month {hours.idxmin()}, {hours.max():.0f} in {hours.idxmax()}."
    )

# %% [markdown]
# ## What the bridge evened out

# %%
spread = days.groupby(["scenario", "origin"])["hours"].quantile([0.1, 0.9]).unstack()
width = (spread[0.9] - spread[0.1]).groupby("scenario").mean()
unsure = days[days["p_open"].between(0.1, 0.9)].groupby("scenario").size() / days.groupby("scenario").size()
for scenario, hours in width.items():
    print(
        f"{scenario}: between the good and the bad days of a town (P10, P90) lie {hours:.1f} h; on "
        f"{unsure.get(scenario, 0):.0%} of the days it is uncertain whether the crossing is open."
    )
main = days.groupby(["scenario", "crossing"]).size().groupby("scenario").idxmax()
for scenario, crossing in main:
    print(f"{scenario}: most go by {crossing}.")

# %% [markdown]
# ## The year as a figure, and points for a GIS

# %%
figure, axes = plt.subplots(figsize=(8, 3.5), layout="constrained")
for scenario, hours in days.groupby(["scenario", "date"])["hours"].mean().unstack(0).items():
    axes.plot(hours.index, hours, label=scenario)
axes.set(ylabel="hours to Harbin, mean of 20 towns")
axes.legend(frameon=False, ncols=3)
figure.savefig("daily_study.png", dpi=150, metadata={"Software": None})
places = days.to_gdf()
places = places[(places["date"] == "2026-11-15") & (places["scenario"] == "no_bridge")]
places.to_file("daily_study.geojson", driver="GeoJSON")
print(f"Files: daily_study.png, and daily_study.geojson with the {len(places)} towns on 15 November 2026.")
