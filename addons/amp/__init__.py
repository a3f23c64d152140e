"""AMP: what its requests mean, and where its own server is."""
