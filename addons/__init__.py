"""The router: a pure core, one file per dialect, effects at the edge, thin mitmproxy addons."""
