"""Faults: what goes wrong in a world on purpose. `declaration` says what, `matching` when, `effects` how."""
