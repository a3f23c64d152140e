"""Secrets that are planted somewhere, and looked for everywhere."""

import base64
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote


@dataclass
class Canaries:
    """Makes secrets, each of its own, and remembers where it was planted."""

    planted: dict[str, str] = field(default_factory=dict)

    def key(self, where: str) -> str:
        """One that looks like a vendor's key: nobody may keep it, wherever it stands."""
        return self._made(where, "sk-ant-api03-")

    def plain(self, where: str) -> str:
        """One that looks like nothing."""
        return self._made(where, "canary")

    def _made(self, where: str, prefix: str) -> str:
        secret = f"{prefix}{uuid.uuid4().hex}"
        self.planted[secret] = where
        return secret

    def found(self, data: bytes) -> Iterator[str]:
        """The places whose secrets stand in `data`, as they are or in a form that is easily undone."""
        for secret, where in self.planted.items():
            raw = secret.encode()
            forms = {raw, quote(secret).encode(), base64.b64encode(raw)[:-4], raw[-24:], raw[::-1]}
            if any(form in data for form in forms):
                yield where
