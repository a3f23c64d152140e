"""The commands that start, end and watch routers."""
