"""Fixtures, page objects and a client of the control endpoint for tests against VPN Console."""
