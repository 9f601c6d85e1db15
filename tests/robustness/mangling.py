"""Damaged input for tests: files with pieces cut, repeated and replaced, and a time limit for reading.

``FUZZ=50 python -m pytest tests/robustness`` tries fifty times as many examples.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

_TIMES = int(os.environ.get("FUZZ", "1"))
#: Time limit of one example in seconds.
HANGS_S = 60
#: Replacements of a cell, value or name.
ODD = (
    "", " ", "0", "-1", "1e308", "nan", "inf", "-", "０１", "yes", "2026-02-30", "9999-12-31", "0000-00-00",
    "=1+1", "'", '"', ";", ",", "\n", "\t", "\x00", "\ufeff", "\u202e", "Ё", "黑河", "a" * 300, "../..",
    "heihe", "blagoveshchensk", "poyarkovo:ice_road", "kani_kurgan:bridge", "RU", "CN", "amur_oblast",
    "{}", "[[", "true", "1979-05-27T07:32:00Z",
)  # fmt: skip


def tries(n: int) -> Any:
    """Return settings of a test with `n` examples and no deadline."""
    quiet = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=n * _TIMES, deadline=None, suppress_health_check=quiet)


@st.composite
def mangled(draw: st.DrawFn, whole: bytes, junk: Sequence[bytes] = ()) -> bytes:
    """Draw a file with some pieces replaced by other pieces, by junk or by any bytes."""
    data = whole
    pieces = [text.encode() for text in ODD] + list(junk)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        cut = draw(st.integers(0, 60))
        begin = draw(st.integers(0, len(data)))
        put = draw(
            st.sampled_from(pieces)
            | st.binary(max_size=6)
            | st.just(data[begin : begin + draw(st.integers(0, 60))])
        )
        data = data[:at] + put + data[at + cut :]
    return data


def quick_first(values: Sequence[str]) -> list[Any]:
    """Return parameters of a test; only the first runs in the quick suite."""
    return [values[0], *(pytest.param(value, marks=pytest.mark.slow) for value in values[1:])]


@contextmanager
def no_hang() -> Iterator[None]:
    """Fail after a minute, on systems with alarms."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def late(*_: object) -> None:
        raise AssertionError(f"hung for {HANGS_S} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(HANGS_S)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
