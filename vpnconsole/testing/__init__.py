"""A kit for tests of the console: servers, pages, API clients, rows, and programs of the machine."""
