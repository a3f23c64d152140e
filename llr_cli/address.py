"""Where a person's router is, as far as that is not said."""

import os

DEFAULT_PORT = 8376


def origin(port: int | None = None) -> str:
    """The URL of the router at `port`, of one that runs, or of the one that will."""
    from addons.edge.instance import instances
    from addons.edge.probe import authority

    running = instances(os.environ)
    found = next((each for each in running if port in (None, each.port)), None)
    if found is not None:
        return f"{found.scheme}://{authority(found.host, found.port)}"
    return f"http://127.0.0.1:{port or DEFAULT_PORT}"
