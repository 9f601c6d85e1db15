# %% [markdown]
# # The rivers frozen against the rivers open
# Today, and in the world before the bridge, where the river decides.

# %%
import amurgeo as ag

net = ag.load()
for base, alternative in (("frozen", "open"), ("paper_2010+open", "paper_2010+freeze_up")):
    result = ag.compare(net, [base, alternative], vehicle="truck_20t")
    print(result)
    print(result.changed(alternative)[["base_status", "alt_status"]])
    print(result.summary.T)
    for lang in ("en", "ru", "zh"):
        print(*result.sentences(lang), sep="\n")
