"""What the kit's clients know of the console's forms, lists and test ids, made from the console itself."""
