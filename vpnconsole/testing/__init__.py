"""What tests of the console need: servers, pages, API clients, rows, and what a machine has."""
