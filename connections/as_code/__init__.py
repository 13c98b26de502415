"""Show as code: recipes of API calls that do what the console does, and one module for each language to print them."""
