"""Measures the console against named baselines in one run: `python3 dev.py bench`. What it prints are ratios."""
