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
gaps = ag.gaps(net, 2026).loc[["blagoveshchensk", "poyarkovo"]]
for (checkpoint, name), gap in gaps.iterrows():
    print(
        f"{checkpoint}, {name}: no cargo over the river from about {gap['starts_p50']:%Y-%m-%d} "
        f"({gap['starts_p10']:%Y-%m-%d} to {gap['starts_p90']:%Y-%m-%d}) to {gap['ends_p50']:%Y-%m-%d} "
        f"({gap['ends_p10']:%Y-%m-%d} to {gap['ends_p90']:%Y-%m-%d}): {gap['days_p50']} days "
        f"({gap['days_p10']} to {gap['days_p90']}); the way over the border takes "
        f"{gap['cost_h']:.1f} h longer."
    )

# %% [markdown]
# ## What it costs the region
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
