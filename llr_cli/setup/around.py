"""What is there already: providers whose key the environment holds, and servers of models on this machine."""

import socket
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from llr_cli.configure.presets import PRESETS, Preset

SECONDS = 0.4


@dataclass(frozen=True, slots=True)
class Near:
    """A provider that was found, and by what."""

    preset: Preset
    sign: str
    env: str | None = None


def found(env: Mapping[str, str], answers: Callable[[str, int], bool] | None = None) -> list[Near]:
    """Those by keys first; each variable counts for the first preset that reads it. `answers` says whether somebody
    listens."""
    answers = answers or listens
    by_key: dict[str, Near] = {}
    for preset in PRESETS:
        names = [name for name in (preset.env, *preset.also) if name and env.get(name, "").strip()]
        if names and names[0] not in by_key:
            by_key[names[0]] = Near(preset, f"{names[0]} is set", names[0])
    return [*by_key.values(), *_local(answers)]


def _local(answers: Callable[[str, int], bool]) -> list[Near]:
    presets = [preset for preset in PRESETS if preset.local]
    places = [urlsplit(next(iter(preset.bases.values()))) for preset in presets]
    with ThreadPoolExecutor(max(len(places), 1)) as pool:
        there = pool.map(lambda place: answers(place.hostname or "", place.port or 80), places)
    return [
        Near(preset, f"something listens at {place.netloc}")
        for preset, place, is_there in zip(presets, places, there, strict=True)
        if is_there
    ]


def listens(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), SECONDS):
            return True
    except OSError:
        return False
