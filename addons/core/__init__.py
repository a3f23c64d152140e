"""The pure heart of the router: values, tables and state machines. No I/O, no clock, no mitmproxy, no HTTP client."""
