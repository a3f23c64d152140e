"""Edits of the masterKey, and what makes a good one."""

import re
import string
from collections.abc import Callable

from addons.config.models import Document
from llr_cli.configure.flags import Given
from llr_cli.configure.refusal import Misused
from llr_cli.configure.spelling import write
from llr_cli.configure.text import MISSING, Config

LENGTHS = range(24, 257)
DEFAULT_LENGTH = 48
DEFAULT_PREFIX = "gw_"
LETTERS = string.ascii_letters + string.digits
# Source: the predecessor's policy
WEAK_WORDS = ("password", "changeme", "default", "secret", "token", "admin", "qwerty", "letmein", "123456")
CLASSES = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^A-Za-z0-9]")


def set_master(config: Config, given: Given) -> Config:
    """`master-key` is the key itself, also one that was made just now."""
    if given.get("clear"):
        return write(config, (), Document, "master_key", MISSING)
    return write(config, (), Document, "master_key", given.wanted("master-key"))


def generated(given: Given, choice: Callable[[str], str]) -> str:
    """A key of the wanted length and prefix, whose characters `choice` draws. Raises Misused."""
    length = given.get("master-key-length", DEFAULT_LENGTH)
    prefix: str = given.get("master-key-prefix", DEFAULT_PREFIX)
    if length not in LENGTHS:
        raise Misused(f"--master-key-length: expected {LENGTHS[0]} to {LENGTHS[-1]}, got {length}")
    if not re.fullmatch(r"[!-~]*", prefix) or len(prefix) > length - 20:
        raise Misused("--master-key-prefix: expected a short prefix without white space")
    while True:
        key = prefix + "".join(choice(LETTERS) for _ in range(length - len(prefix)))
        if not weaknesses(key):
            return key


def weaknesses(key: str) -> list[str]:
    """What makes `key` easy to guess; nothing for a good one. Source: the predecessor's policy."""
    found = []
    if len(key) < LENGTHS[0]:
        found.append(f"it is shorter than {LENGTHS[0]} characters")
    if sum(bool(re.search(each, key)) for each in CLASSES) < 3:
        found.append("it has fewer than three of lower case, upper case, digits and signs")
    found += [f"it contains a common word ({word})" for word in WEAK_WORDS if word in key.lower()]
    if re.search(r"(.)\1{5}", key):
        found.append("it repeats a character six times or more")
    return found


def warnings(given: Given) -> list[str]:
    """That the masterKey is weak; never the key."""
    key = given.get("master-key")
    return [f"the masterKey is weak: {each}" for each in weaknesses(key)] if key else []
