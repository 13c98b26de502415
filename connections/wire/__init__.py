"""The vocabulary of the API, shared by its operations, Show as code, its errors and the JSON peer configuration."""
