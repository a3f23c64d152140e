"""The local certificate authority for interception: made on demand, kept with the state, for the routed hosts only."""
