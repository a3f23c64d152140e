"""`llr setup`: the first run, from nothing to a route that answers."""
