"""Searching the web: the services, the order of asking them, and the tools that models search by."""
