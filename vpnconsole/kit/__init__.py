"""Worlds: databases of their own for tests, demos and courses, with an endpoint that controls them. Only with KIT=1."""
