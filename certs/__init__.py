"""The local certificate authority for interception. Empty until interception lands: nothing is generated yet."""
