"""What `llr ai-help` is made of: the state, the gates, and the guide around them."""
