"""``make bench``: six jobs, each beside its floor in the same run; medians and ratios.

Run by hand, never collected by pytest. Sizes come from the environment (see ``run.py``).
"""
