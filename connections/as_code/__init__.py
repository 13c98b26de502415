"""What the console does, as code for the API door: one dialect-free recipe, one file per language to write it in."""
