# %% [markdown]
# # What does it cost us when the river opens, or closes?
# The rivers frozen against the rivers open: today, when the bridge carries on; without the bridge; and in the
# world of 2010, when ice forms.

# %%
import amurgeo as ag

net = ag.load()
questions = (
    ("frozen", "open"),
    ("frozen+no_bridge", "open+no_bridge"),
    ("paper_2010+open", "paper_2010+freeze_up"),
)
results = {}
for base, alternative in questions:
    result = ag.compare(net, [base, alternative], vehicle="truck_20t")
    results[alternative] = result
    figures = result.summary.loc[alternative]
    print(f"\n{base} -> {alternative}")
    print(
        f"Of {figures['pairs']:.0f} pairs of towns {figures['lost']:.0f} lose every way, "
        f"{figures['slower']:.0f} get slower, {figures['faster']:.0f} faster; the mean change is "
        f"{figures['mean_delta_h']:+.1f} h. {figures['fewer_ways']:.0f} have fewer independent ways."
    )
    print(*result.sentences("en"), sep="\n")

# %% [markdown]
# ## What opens and what closes, on the oblast's own crossings

# %%
changed = results["open"].changed("open")
own = net.checkpoints.query("region == 'amur_oblast'").index
print(changed[changed["checkpoint"].isin(own)][["base_status", "alt_status"]].to_string())

# %% [markdown]
# ## For a meeting: the same in Russian and Chinese, and a page with a bar to swipe

# %%
for lang in ("ru", "zh"):
    print(*results["open"].sentences(lang), sep="\n")
results["open"].map(lang="ru").save("frozen-vs-open.html")
print("Map: frozen-vs-open.html. The hours rest on estimated border and waiting times.")
