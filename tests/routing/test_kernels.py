"""The kernels agree to the second, and many states come to the same wherever they are solved."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import fields
from importlib.util import module_from_spec, spec_from_file_location
from multiprocessing import get_context
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from networks import Case, random_case

from amurgeo.errors import InputError
from amurgeo.routing import kernels
from amurgeo.routing.kernels import WORTH_COMPILING, choose
from amurgeo.routing.overlay import INF, Overlay, solve
from amurgeo.routing.statics import prepare
from amurgeo.routing.streaming import Statistics, distinct, solve_states, statistics, sweep_each, sweep_total

KERNELS = (
    "numpy",
    pytest.param("numba", marks=pytest.mark.skipif(not kernels.has_numba(), reason="needs numba")),
)


def overlay_of(case: Case) -> Overlay:
    return prepare(case.graph, case.origins, case.destinations).overlay


def same(one: Statistics, other: Statistics) -> bool:
    return all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name)) for field in fields(Statistics)
    )


@pytest.fixture(scope="module")
def season() -> tuple[Overlay, list[np.ndarray]]:
    """An overlay with both kinds of arcs, and scenarios whose states repeat within and among them."""
    seed = next(s for s in range(500) if min(len((g := random_case(s).graph).border), len(g.winter)) >= 6)
    overlay = overlay_of(random_case(seed))
    rng = np.random.default_rng(4)
    ordinary = overlay.seconds + rng.integers(0, 9, (25, overlay.n_arcs))
    kinds = np.where(rng.random(ordinary.shape) < 0.4, INF, ordinary).astype(np.int32)
    return overlay, [kinds[rng.integers(0, 25, 40)] for _ in range(7)]


@pytest.mark.skipif(not kernels.has_numba(), reason="needs numba")
@pytest.mark.parametrize("seed", range(2000, 2150))
def test_numpy_and_numba_give_the_same_integers(seed: int) -> None:
    case = random_case(seed)
    overlay = overlay_of(case)
    rows = overlay.checked(case.costs)
    plain, fast = choose("numpy", states=1), choose("numba", states=1)
    for one, other in zip(plain.many(overlay, rows), fast.many(overlay, rows), strict=True):
        np.testing.assert_array_equal(one, other)
    for costs in case.costs:
        one, other = solve(overlay, costs, kernel="numpy"), solve(overlay, costs, kernel="numba")
        for name in ("seconds", "first", "to_tail", "onward", "direct", "by_crossing"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert same(
        statistics(overlay, case.costs, kernel="numpy"), statistics(overlay, case.costs, kernel="numba")
    )


@pytest.fixture
def interpreted(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The kernel that is compiled, run by the interpreter: what is out of bounds raises there."""
    numba = pytest.importorskip("numba")
    monkeypatch.setattr(numba, "njit", lambda **_: lambda function: function)
    source = kernels.__file__.replace("kernels.py", "compiled.py")
    module = module_from_spec(spec := spec_from_file_location("interpreted", source))  # type: ignore[arg-type]
    spec.loader.exec_module(module)  # type: ignore[union-attr]
    return module.CompiledKernel()


@pytest.mark.parametrize("seed", range(3000, 3012))
def test_the_compiled_kernel_is_right_before_it_is_compiled(interpreted: Any, seed: int) -> None:
    case = random_case(seed)
    overlay = overlay_of(case)
    plain, rows = choose("numpy", states=1), overlay.checked(case.costs)
    with np.errstate(over="raise"):
        for one, other in zip(plain.many(overlay, rows), interpreted.many(overlay, rows), strict=True):
            np.testing.assert_array_equal(one, other)
        one, other = plain.solution(overlay, rows[0]), interpreted.solution(overlay, rows[0])
        np.testing.assert_array_equal(one.by_crossing, other.by_crossing)
        wanted, found = (Statistics.empty(overlay) for _ in range(2))
        weight = np.arange(1, len(rows) + 1)
        plain.add(overlay, rows, weight, wanted)
        interpreted.add(overlay, rows, weight, found)
    assert same(wanted, found)


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_large_intermediate_is_worked_off_in_parts(kernel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case = random_case(2001)
    overlay = overlay_of(case)
    wanted = [solve(overlay, costs, kernel="numpy").seconds for costs in case.costs]
    monkeypatch.setattr(kernels, "CELLS", 3)
    for costs, seconds in zip(case.costs, wanted, strict=True):
        np.testing.assert_array_equal(solve(overlay, costs, kernel=kernel).seconds, seconds)


def test_an_unknown_kernel_is_refused() -> None:
    with pytest.raises(InputError, match="valid: auto, numba, numpy"):
        choose("cuda", states=1)  # type: ignore[arg-type]


def test_without_numba_auto_is_numpy_and_asking_for_numba_says_how(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "has_numba", lambda: False)
    assert choose("auto", states=10**9).name == "numpy"
    with pytest.raises(InputError, match=r"amurgeo\[fast\]"):
        choose("numba", states=1)


def test_a_numba_that_cannot_be_loaded_is_done_without(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise ImportError("Numba needs NumPy 2.4 or less")

    monkeypatch.setattr(kernels, "has_numba", lambda: True)
    monkeypatch.setattr(kernels, "_compiled", broken)
    assert choose("auto", states=10**9).name == "numpy"
    assert "NumPy 2.4 or less" in caplog.text
    with pytest.raises(InputError, match=r"amurgeo\[fast\]"):
        choose("numba", states=1)


@pytest.mark.skipif(not kernels.has_numba(), reason="needs numba")
def test_auto_compiles_only_for_many_states(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(kernels.sys.modules, "amurgeo.routing.compiled", raising=False)
    assert choose("auto", states=WORTH_COMPILING - 1).name == "numpy"
    assert choose("auto", states=WORTH_COMPILING).name == "numba"


@given(arrays(np.int32, st.tuples(st.integers(0, 12), st.integers(0, 3)), elements=st.integers(0, 2)))
@settings(max_examples=150, deadline=None)
def test_distinct_rows_stand_for_all_rows(rows: np.ndarray) -> None:
    unique, place = distinct(rows)
    np.testing.assert_array_equal(rows[unique][place], rows)
    assert len(unique) == len({tuple(row) for row in rows.tolist()})
    assert unique.tolist() == sorted(unique)
    assert (unique[place] <= np.arange(len(rows))).all()


def test_rows_with_the_same_hash_are_still_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    class Constant:
        def integers(self, *_: object, **__: object) -> np.ndarray:
            return np.ones(2, np.uint64)

    monkeypatch.setattr(np.random, "default_rng", lambda _seed: Constant())
    unique, place = distinct(np.array([[1, 2], [2, 1], [1, 2]], dtype=np.int32))
    assert (unique.tolist(), place.tolist()) == ([0, 1], [0, 1, 0])


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_each_distinct_state_is_solved_once_and_handed_on(
    season: tuple[Overlay, list[np.ndarray]], kernel: str, chunk: int
) -> None:
    overlay, batches = season
    states = np.concatenate(batches)
    seen: dict[int, tuple[np.ndarray, np.ndarray]] = {}
    calls = []

    def keep(positions: np.ndarray, seconds: np.ndarray, first: np.ndarray) -> None:
        calls.append(int(positions[0]))
        for position in positions.tolist():
            assert position not in seen
            seen[position] = seconds, first

    assert solve_states(overlay, states, reduce=keep, kernel=kernel, chunk=chunk) == len(calls)
    assert len(calls) == len(np.unique(states, axis=0))
    assert calls == sorted(calls)
    for position, costs in enumerate(states):
        solution = solve(overlay, costs)
        np.testing.assert_array_equal(seen[position][0], solution.seconds)
        np.testing.assert_array_equal(seen[position][1], solution.first)


@pytest.mark.parametrize("kernel", KERNELS)
def test_statistics_equal_those_of_the_kept_matrices(
    season: tuple[Overlay, list[np.ndarray]], kernel: str
) -> None:
    overlay, batches = season
    states = np.concatenate(batches)
    weight = np.arange(len(states)) % 4
    kept = [solve(overlay, costs) for costs in states]
    seconds = np.repeat([one.seconds for one in kept], weight, axis=0)
    first = np.repeat([one.first for one in kept], weight, axis=0)
    there = seconds < INF
    found = statistics(overlay, states, weight=weight, kernel=kernel)
    assert found.states == len(seconds)
    np.testing.assert_array_equal(found.reachable, there.sum(axis=0))
    np.testing.assert_array_equal(found.total, np.where(there, seconds, 0).sum(axis=0, dtype=np.int64))
    np.testing.assert_array_equal(found.least, seconds.min(axis=0))
    np.testing.assert_array_equal(found.most, np.where(there, seconds, -1).max(axis=0))
    for crossing in range(-1, overlay.n_border):
        np.testing.assert_array_equal(
            found.first[:, :, crossing + 1], (there & (first == crossing)).sum(axis=0)
        )
    np.testing.assert_array_equal(np.isnan(found.mean_seconds), found.reachable == 0)
    np.testing.assert_array_equal(found.first.sum(axis=2), found.reachable)


class Eager(Executor):
    """An executor that pickles what it is given, and counts what is under way."""

    def __init__(self) -> None:
        self.submitted = 0

    def submit(self, function, /, *args, **kwargs):  # type: ignore[no-untyped-def]
        self.submitted += 1
        function, args = pickle.loads(pickle.dumps((function, args)))
        future: Future[object] = Future()
        future.set_result(pickle.loads(pickle.dumps(function(*args, **kwargs))))
        return future


def handed_on(
    overlay: Overlay, states: np.ndarray, **options: Any
) -> list[tuple[list[int], list[Any], list[Any]]]:
    calls: list[tuple[list[int], list[Any], list[Any]]] = []

    def keep(positions: np.ndarray, seconds: np.ndarray, first: np.ndarray) -> None:
        calls.append((positions.tolist(), seconds.tolist(), first.tolist()))

    solve_states(overlay, states, reduce=keep, **options)
    return calls


def executors() -> Iterator[Executor]:
    yield Eager()
    with ThreadPoolExecutor(2) as threads:
        yield threads
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        yield processes


def test_a_sweep_is_the_same_on_every_executor(season: tuple[Overlay, list[np.ndarray]]) -> None:
    overlay, batches = season
    total = sweep_total(overlay, batches, kernel="numpy")
    each = list(sweep_each(overlay, batches, kernel="numpy"))
    assert same(total, statistics(overlay, np.concatenate(batches)))
    assert all(same(one, statistics(overlay, batch)) for one, batch in zip(each, batches, strict=True))
    assert same(sum(each[1:], each[0]), total)
    for executor in executors():
        assert same(sweep_total(overlay, iter(batches), executor=executor, per_task=2), total)
        answers = sweep_each(overlay, batches, executor=executor, per_task=3)
        assert all(same(one, other) for one, other in zip(answers, each, strict=True))
        assert handed_on(overlay, batches[0], executor=executor, chunk=3) == handed_on(overlay, batches[0])


@pytest.mark.filterwarnings("ignore")
def test_a_sweep_is_the_same_on_dask(season: tuple[Overlay, list[np.ndarray]]) -> None:
    distributed = pytest.importorskip("distributed")
    overlay, batches = season
    with distributed.Client(
        processes=False, n_workers=1, threads_per_worker=2, dashboard_address=None
    ) as client:
        found = sweep_total(overlay, batches, executor=client.get_executor(), per_task=2)
    assert same(found, sweep_total(overlay, batches))


def test_batches_are_taken_as_they_are_needed(season: tuple[Overlay, list[np.ndarray]]) -> None:
    overlay, batches = season
    executor = Eager()
    results = sweep_each(
        overlay, (batches[0] for _ in range(500)), executor=executor, per_task=1, kernel="numpy"
    )
    next(results)
    assert executor.submitted < 50
    results.close()


def test_an_error_in_a_batch_comes_back_from_the_executor(season: tuple[Overlay, list[np.ndarray]]) -> None:
    overlay, batches = season
    wrong = [batches[0], np.zeros((2, 1), np.int32)]
    with ThreadPoolExecutor(2) as threads, pytest.raises(InputError, match="entries per state"):
        sweep_total(overlay, wrong, executor=threads)


def test_no_state_and_wrong_numbers(season: tuple[Overlay, list[np.ndarray]]) -> None:
    overlay, batches = season
    none = sweep_total(overlay, [])
    assert none.states == 0
    assert np.isnan(none.mean_seconds).all()
    assert same(none, statistics(overlay, batches[0][:0]))
    assert solve_states(overlay, batches[0][:0], reduce=pytest.fail) == 0
    with pytest.raises(InputError, match="chunk is 0"):
        solve_states(overlay, batches[0], reduce=pytest.fail, chunk=0)
    with pytest.raises(InputError, match="per_task is 0"):
        sweep_total(overlay, batches, per_task=0)
    with pytest.raises(InputError, match="weights have the shape"):
        statistics(overlay, batches[0], weight=[1])
