"""Keys out of what people are shown: at most their last four characters stay."""

import re

SECRET_NAME = r"[\w.@:/-]*(?:key|token|secret|password|authorization)[\w.@:/-]*"
QUOTED = re.compile(rf"""(["']?{SECRET_NAME}["']?\s*[:=]\s*)(["'])((?:(?!\2)[^\\]|\\.)*)\2""", re.IGNORECASE)
PLAIN = re.compile(rf"^([-+ ]?\s*(?:export\s+)?{SECRET_NAME}\s*=\s*)([^\s\"'#]+)", re.IGNORECASE | re.MULTILINE)
NAMED = re.compile(SECRET_NAME, re.IGNORECASE)


def mask(secret: str) -> str:
    return f"…{secret[-4:]}" if len(secret) >= 16 else "…"


def masked(text: str) -> str:
    """`text` of settings, with the values of whatever is named like a key masked."""
    text = QUOTED.sub(lambda found: f"{found[1]}{found[2]}{mask(found[3])}{found[2]}", text)
    return PLAIN.sub(lambda found: found[1] + mask(found[2]), text)


def shown(name: str, value: str) -> str:
    """`value`, masked when its name says that it is a key."""
    return mask(value) if NAMED.fullmatch(name) else value
