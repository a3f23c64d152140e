"""`llr reload`: has a running router read its configuration again."""

import os
import signal
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from llr_cli import render
from llr_cli.exits import Exit

if TYPE_CHECKING:
    from addons.edge.instance import Instance

LIMIT_SECONDS = 5.0
POLL_SECONDS = 0.05


def reload(port: int | None) -> int:
    """Gives the exit code: success when the router has taken the configuration."""
    from addons.edge.instance import instances

    running = [each for each in instances(os.environ) if port in (None, each.port)]
    if not running:
        where = "" if port is None else f" at port {port}"
        render.error(f"no router of yours runs{where}; `llr start` starts one")
        return Exit.FAILURE
    return max(_reloaded(instance) for instance in running)


def _reloaded(instance: "Instance") -> Exit:
    before = _config(instance)
    os.kill(instance.pid, signal.SIGHUP)
    end = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < end:
        now = _config(instance)
        if now is not None and now != before:
            return _told(instance, now)
        time.sleep(POLL_SECONDS)
    if before is not None and before.get("problem"):
        return _told(instance, before)
    render.error(f"the router at port {instance.port} (pid {instance.pid}) did not answer in time")
    return Exit.FAILURE


def _told(instance: "Instance", config: Mapping[str, Any]) -> Exit:
    if config.get("problem"):
        render.error(f"the router at port {instance.port} keeps the old configuration: {config['problem']}")
        return Exit.FAILURE
    render.line(f"the router at port {instance.port} has read {instance.config} again")
    return Exit.OK


def _config(instance: "Instance") -> dict[str, Any] | None:
    """What the router says of its configuration; None while it does not answer."""
    from addons.edge.probe import health

    found = (health(instance.host, instance.port, scheme=instance.scheme) or {}).get("config")
    return found if isinstance(found, dict) else None
