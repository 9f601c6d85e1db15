"""The oldest dependencies that are tested are the oldest that the packaging allows."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
#: Extras for users; tools of the tests and of the site may be of any age.
EXTRAS = ("distributed", "export")


def _bounds() -> dict[str, Requirement]:
    """What a user may install, by name of package."""
    config = ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    listed = [config["options"]["install_requires"]]
    listed += [config["options.extras_require"][name] for name in EXTRAS]
    found = [Requirement(line) for text in listed for line in text.split("\n") if line]
    return {requirement.name: requirement for requirement in found}


def _pins() -> dict[str, Requirement]:
    lines = (ROOT / "tests" / "oldest.txt").read_text(encoding="utf-8").splitlines()
    found = [Requirement(line) for line in lines if not line.startswith("#")]
    return {requirement.name: requirement for requirement in found}


BOUNDS, PINS = _bounds(), _pins()


def test_every_dependency_is_pinned_and_nothing_else() -> None:
    # The scheduler of dask goes by its version.
    assert set(PINS) == set(BOUNDS) | {"distributed"}
    assert str(PINS["distributed"].specifier) == str(PINS["dask"].specifier)


@pytest.mark.parametrize("name", sorted(BOUNDS))
def test_the_tested_release_is_the_oldest_allowed(name: str) -> None:
    (bound,), (pin,) = BOUNDS[name].specifier, PINS[name].specifier
    assert (bound.operator, pin.operator) == (">=", "==")
    assert BOUNDS[name].specifier.contains(pin.version)
    oldest, tested = Version(bound.version), Version(pin.version)
    assert (tested.major, tested.minor) == (oldest.major, oldest.minor)
