"""What edits need of the world before they can be pure: keys that are made or read in, copies, AMP's own key."""

import secrets
import shutil
import sys
import time
from dataclasses import replace

from llr_cli.configure import keys
from llr_cli.configure.call import Call
from llr_cli.configure.flags import Given
from llr_cli.configure.refusal import Misused, Refused

STDIN = "-"


def provider(call: Call) -> Call:
    """Calls the provider only when it is asked to."""
    if not call.given.get("probe"):
        call = replace(call, given=Given({**call.given, "skip-probe": True}))
    return tried_provider(call)


def tried_provider(call: Call) -> Call:
    """Calls the provider, unless it is asked not to."""
    from llr_cli.configure.probe import before_saving

    return before_saving(_with_keys(call))


def _with_keys(call: Call) -> Call:
    given = _read_in(call.given, "api-key", "master-key")
    if given.get("set-master-key") and not given.get("master-key"):
        given = Given({**given, "master-key": keys.generated(given, secrets.choice)})
    return replace(call, given=given)


def master_key(call: Call) -> Call:
    """A key that is made here is told nowhere but in the file."""
    given = _read_in(call.given, "master-key")
    if given.get("generate-master-key"):
        given = Given({**given, "master-key": keys.generated(given, secrets.choice)})
    elif not given.get("master-key") and not given.get("clear"):
        raise Misused("--master-key is expected, or --generate-master-key")
    return replace(call, given=given)


def amp(call: Call) -> Call:
    return replace(call, given=_read_in(call.given, "amp-upstream-api-key", "amp-client-api-key"))


def migrate(call: Call) -> Call:
    """A copy beside the file, unless it is said otherwise. Source: the predecessor's name for it."""
    file = call.store.file
    if call.dry or not call.given.get("create-backup", True) or not file.exists():
        return call
    copy = file.with_name(f"{file.name}.bak.{time.strftime('%Y%m%d-%H%M%S')}")
    try:
        shutil.copy2(file, copy)
    except OSError as error:
        raise Refused(f"{copy} cannot be written: {error.strerror}") from error
    return replace(call, given=Given({**call.given, "copy": str(copy)}))


def _read_in(given: Given, *names: str) -> Given:
    """With the first line of standard input for a value of `-`, so that no key need stand on a command line."""
    asked = [name for name in names if given.get(name) == STDIN]
    if not asked:
        return given
    if len(asked) > 1:
        raise Misused(f"--{asked[0]} and --{asked[1]} cannot both be read from standard input")
    key = sys.stdin.readline().strip()
    if not key:
        raise Misused(f"--{asked[0]}: nothing came from standard input")
    return Given({**given, asked[0]: key})
