# %% [markdown]
# # What is left in the two gaps?
# Twice a year, while ice forms and while it drifts, the river carries no cargo. How long, how surely, and
# what does it cost with the bridge, without it, and in the world of 2010?

# %%
import amurgeo as ag

net = ag.load()

# %% [markdown]
# ## How long
# From the last ship to the first truck over the pontoon or the ice, and from there to the first ship.

# %%
for checkpoint, winter_mode in (("blagoveshchensk", "pontoon"), ("poyarkovo", "ice_road")):
    ship_2026, ship_2027, winter = (
        ag.dates(net, f"{checkpoint}:{mode}", season=season, traffic="cargo").frame
        for mode, season in (("ferry", "2026"), ("ferry", "2027"), (winter_mode, "2026/27"))
    )
    for name, stop, start in (
        ("freeze-up", ship_2026.loc["close"], winter.loc["open"]),
        ("break-up", winter.loc["close"], ship_2027.loc["open"]),
    ):
        days, least, most = (
            (start[one] - stop[other]).days for one, other in (("p50", "p50"), ("p10", "p90"), ("p90", "p10"))
        )
        print(
            f"{checkpoint}, {name}: no cargo over the river from about {stop['p50']:%Y-%m-%d} "
            f"({stop['p10']:%Y-%m-%d} to {stop['p90']:%Y-%m-%d}) to {start['p50']:%Y-%m-%d} "
            f"({start['p10']:%Y-%m-%d} to {start['p90']:%Y-%m-%d}): {days} days, or {least} "
            f"to {most} from edge to edge of the spread."
        )

# %% [markdown]
# ## What it costs
# Each gap against the rivers open. A way counts while it takes at most 1.5 times the best time of the pair.

# %%
for gap in ("freeze_up", "break_up"):
    for base, alternative in (
        ("open", gap),
        ("open", f"{gap}+no_bridge"),
        ("paper_2010+open", f"paper_2010+{gap}"),
    ):
        figures = ag.compare(net, [base, alternative]).summary.loc[alternative]
        print(
            f"{alternative}: {figures['lost']:.0f} of {figures['pairs']:.0f} pairs lose every way, "
            f"{figures['slower']:.0f} are slower; the mean change is {figures['mean_delta_h']:+.1f} h. "
            f"{figures['fewer_ways']:.0f} have fewer ways. Crossings of the oblast with cargo: "
            f"{figures['base_own_cargo']:.0f} before, {figures['alt_own_cargo']:.0f} in the gap."
        )

# %% [markdown]
# ## Through the year
# Checkpoints that join Blagoveshchensk and Heihe, however far round: with all of them shut there is no way.

# %%
ways = ag.redundancy(net, 2026, origins=["Blagoveshchensk"], destinations=["Heihe"])
print(ways[["month", "ways_checkpoint", "fewest_checkpoint", "days_cut"]].to_string(index=False))
print(
    f"Days of 2026 without any way: {ways['days_cut'].sum()}; on its worst day "
    f"checkpoints: {ways['fewest_checkpoint'].min()}. "
    "The dates have a spread of 1 in 10 before P10 and 1 in 10 after P90; the hours rest on estimates."
)
