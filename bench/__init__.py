"""Compare the console with baselines in one run: `python3 dev.py bench`. It prints ratios."""
