"""What starts a router at login, as data: systemd's user units and launchd's agents.

A service ends for good when it is told to stop, and is started again when it fails: `llr stop` has the last word.
No key is ever written: a unit's file is read by more than its owner. Sources: systemd.service(5), systemd.exec(5),
launchd.plist(5), launchctl(1).
"""

import os
import plistlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from addons.edge.places import state_dir

type Step = tuple[str, ...]

ASK_SECONDS = 10
UNIT = "llr.service"
LABEL = "dev.llr"
# the predecessor's, which would listen at the same port
PREDECESSORS = ("llm-router.service", "dev.llm-router.plist")
# what a service needs of a shell, and what is no secret
PASSED = (
    "PATH",
    "LANG",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "LLM_ROUTER_STATE_DIR",
    "XDG_STATE_HOME",
)


@dataclass(frozen=True, slots=True)
class Service:
    """`manager` is the program that runs it ("": it is not on this system), `program` its name. `text` gives the file's
    content for a command and variables; the steps are commands."""

    name: str
    program: str
    manager: str
    file: Path
    variables_file: Path
    output: str
    text: Callable[[Sequence[str], Mapping[str, str]], str]
    starting: tuple[Step, ...]
    stopping: tuple[Step, ...]
    forgetting: tuple[Step, ...]
    restarting: Step
    asking: Step


def of(platform: str, env: Mapping[str, str], which: Callable[[str], str | None] = shutil.which) -> Service | None:
    """What starts services on `platform`; None when that is not known."""
    home = Path(env.get("HOME") or Path.home())
    if platform == "darwin":
        return _launchd(home, env, which("launchctl") or "")
    return _systemd(home, env, which("systemctl") or "") if platform.startswith("linux") else None


def command(options: Sequence[str]) -> tuple[str, ...]:
    """What the service runs: this installation."""
    return (sys.executable, "-P", "-m", "llr_cli.main", "start", *options)


def options(config: Path | None, host: str, port: int | None, require_auth: bool | None) -> tuple[str, ...]:
    """The options of `llr start`; those that are as they are anyway are left out."""
    found: list[str] = [] if config is None else ["--config", str(config.expanduser().absolute())]
    found += [] if host == "127.0.0.1" else ["--host", host]
    found += [] if port is None else ["--port", str(port)]
    if require_auth is not None:
        found.append("--require-auth" if require_auth else "--no-require-auth")
    return tuple(found)


def variables(env: Mapping[str, str]) -> dict[str, str]:
    """What the service is given of `env`; a proxy with a password in it is left out."""
    return {name: env[name] for name in PASSED if env.get(name) and "@" not in env[name]}


def wanted_variables(config: Path | None, env: Mapping[str, str]) -> list[str]:
    """The variables that the configuration takes keys from."""
    from addons.config import document

    return sorted(set(_named(document.read(config, env).value)))


def _named(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            if name in ("apiKeyEnv", "api-key-env") and isinstance(each, str):
                yield each
            elif isinstance(each, str) and each.startswith("env:"):
                yield each.removeprefix("env:")
            else:
                yield from _named(each)
    elif isinstance(value, list):
        for each in value:
            yield from _named(each)


def first_line(step: Step) -> str:
    """The first line that a command prints; "" when it cannot be run."""
    try:
        done = subprocess.run(
            list(step), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=ASK_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip().partition("\n")[0]


def state(service: Service, ask: Callable[[Step], str]) -> dict[str, Any]:
    """What is known of the service; `running` None: nobody can say."""
    installed = service.file.exists()
    said = ask(service.asking) if installed and service.manager else ""
    older = [str(service.file.parent / name) for name in PREDECESSORS if (service.file.parent / name).exists()]
    found = {
        "service": service.name,
        "file": str(service.file),
        "installed": installed,
        "manager": service.manager or f"{service.program} is not on this system",
        "running": None if not said else said == "active" or said.startswith("{"),
    }
    return {**found, "predecessor": ", ".join(older)} if older else found


def _systemd(home: Path, env: Mapping[str, str], manager: str) -> Service:
    named = env.get("XDG_CONFIG_HOME", "")
    config = Path(named) if named.startswith("/") else home / ".config"
    variables_file = config / "llr" / "env"
    user = ("systemctl", "--user")
    return Service(
        name=UNIT,
        program="systemctl",
        manager=manager,
        file=config / "systemd" / "user" / UNIT,
        variables_file=variables_file,
        output=f"journalctl --user -u {UNIT}",
        text=lambda words, given: _unit(words, given, variables_file),
        starting=((*user, "daemon-reload"), (*user, "enable", UNIT), (*user, "restart", UNIT)),
        stopping=((*user, "disable", "--now", UNIT),),
        forgetting=((*user, "daemon-reload"),),
        restarting=(*user, "restart", UNIT),
        asking=(*user, "is-active", UNIT),
    )


def _unit(words: Sequence[str], given: Mapping[str, str], variables_file: Path) -> str:
    lines = [
        "[Unit]",
        "Description=llr, the LLM router for coding tools",
        "After=network-online.target",
        "",
        "[Service]",
        f"ExecStart={' '.join(_quoted(word) for word in words)}",
        *(f"Environment={_quoted(f'{name}={value}')}" for name, value in given.items()),
        f"Environment=LLM_ROUTER_SERVICE={UNIT}",
        # after the others: what is said there wins; - : it need not exist
        f"EnvironmentFile=-{_escaped(str(variables_file))}",
        "Restart=on-failure",
        "RestartSec=2",
        "UMask=0077",
        "",
        "[Install]",
        "WantedBy=default.target",
    ]
    return "\n".join(lines) + "\n"


def _quoted(word: str) -> str:
    """A word of a unit's file."""
    escaped = _escaped(word).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{escaped}"' if any(each in word for each in " \t\"'\\") else escaped


def _escaped(word: str) -> str:
    return word.replace("%", "%%")


def _launchd(home: Path, env: Mapping[str, str], manager: str) -> Service:
    file = home / "Library" / "LaunchAgents" / f"{LABEL}.plist"
    output = home / "Library" / "Logs" / "llr.log"
    variables_file = state_dir(env) / "env"
    domain = f"gui/{os.getuid()}"
    return Service(
        name=LABEL,
        program="launchctl",
        manager=manager,
        file=file,
        variables_file=variables_file,
        output=str(output),
        text=lambda words, given: _plist(words, given, variables_file, output),
        starting=(("launchctl", "bootstrap", domain, str(file)),),
        stopping=(("launchctl", "bootout", f"{domain}/{LABEL}"),),
        forgetting=(),
        restarting=("launchctl", "kickstart", "-k", f"{domain}/{LABEL}"),
        asking=("launchctl", "list", LABEL),
    )


def _plist(words: Sequence[str], given: Mapping[str, str], variables_file: Path, output: Path) -> str:
    # launchd reads no file of variables: a shell does, and becomes the router
    script = '[ -r "$0" ] && { set -a; . "$0"; set +a; }; exec "$@"'
    content = {
        "Label": LABEL,
        "ProgramArguments": ["/bin/sh", "-c", script, str(variables_file), *words],
        "EnvironmentVariables": {**given, "LLM_ROUTER_SERVICE": LABEL},
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "StandardOutPath": str(output),
        "StandardErrorPath": str(output),
        "Umask": 0o077,
    }
    return plistlib.dumps(content, sort_keys=False).decode()
