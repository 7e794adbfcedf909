"""Learning: the bound is the right number, the fit finds what is there, and a model read back is the same model."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answer.learn import Sparse, fit, lower_bound, minimise
from bot.answer.lessons import School, counter_examples, own_examples
from bot.answer.model import Model, Point, shipped
from bot.answer.training import curve, train
from knowledge.index import Index
from knowledge.text import Lexicon
from tests.bot.answer.conftest import ENTRIES


@pytest.mark.parametrize(
    ("right", "answered", "bound"), [(59, 59, 0.9505), (0, 10, 0.0), (149, 149, 0.9801), (9, 10, 0.6058)]
)
def test_the_bound_is_that_of_clopper_and_pearson(right: int, answered: int, bound: float) -> None:
    assert lower_bound(right, answered) == pytest.approx(bound, abs=2e-4)


@given(st.integers(1, 300), st.integers(0, 20))
def test_the_bound_lies_below_what_was_seen_and_falls_with_each_error(answered: int, wrong: int) -> None:
    right = max(answered - wrong, 0)
    assert lower_bound(right, answered) <= right / answered + 1e-9
    assert lower_bound(max(right - 1, 0), answered) <= lower_bound(right, answered)


def test_the_curve_counts_from_the_surest_down() -> None:
    points = curve(np.array([0.9, 0.1, 0.8, 0.5]), np.array([1.0, 0.0, 1.0, 0.0]), 3)
    assert [(p.chance, p.answered, p.right) for p in points] == [(0.9, 1, 1), (0.8, 2, 2), (0.5, 3, 2), (0.1, 4, 2)]


def test_the_minimum_is_found() -> None:
    centre = np.array([3.0, -2.0, 0.5])

    def bowl(at: np.ndarray) -> tuple[float, np.ndarray]:
        return float(((at - centre) ** 2 * np.array([1, 10, 100])).sum()), 2 * (at - centre) * np.array([1, 10, 100])

    assert minimise(bowl, np.zeros(3), 100) == pytest.approx(centre, abs=1e-2)


def test_a_fit_tells_the_telling_feature_and_the_telling_term() -> None:
    noise = np.random.default_rng(5)
    table = noise.normal(size=(400, 3))
    has_term = noise.integers(0, 2, 400)
    labels = ((table[:, 1] + 2 * has_term - 1) > 0).astype(float)
    rows = np.flatnonzero(has_term)
    fitted = fit(table, labels, Sparse(rows, np.zeros(len(rows), np.int32), 1), stiffness=(1.0, 1.0))
    assert abs(fitted.features[1]) > 5 * max(abs(fitted.features[0]), abs(fitted.features[2]))
    assert fitted.terms[0] > 1
    predicted = fitted.scores(table, Sparse(rows, np.zeros(len(rows), np.int32), 1)) > 0
    assert (predicted == labels).mean() > 0.9


def test_a_fit_without_evidence_stays_with_its_prior() -> None:
    table = np.random.default_rng(6).normal(size=(50, 2))
    prior = fit(table, (table[:, 0] > 0).astype(float))
    held = fit(table[:2], np.array([0.0, 1.0]), stiffness=(1e6, 1.0), prior=prior)
    assert held.features == pytest.approx(prior.features, abs=1e-3)


POINTS = (Point(0.9, 40, 40, 100, 0.93), Point(0.8, 60, 59, 100, 0.92), Point(0.5, 90, 80, 100, 0.82))


@pytest.mark.parametrize(
    ("target", "proven", "provisional"), [(0.9, 0.8, 0.8), (0.98, None, 0.8), (1.0, None, 0.9), (1.1, None, None)]
)
def test_the_threshold_is_the_lowest_that_keeps_the_promise(
    target: float, proven: float | None, provisional: float | None
) -> None:
    model = replace(shipped(), curve=POINTS)
    strict, thin = model.threshold(target), model.provisional(target)
    assert (strict.chance if strict else None) == proven
    assert (thin.chance if thin else None) == provisional


def test_a_model_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    shipped().save(tmp_path / "a.json")
    read = Model.load(tmp_path / "a.json")
    read.save(tmp_path / "b.json")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert read == shipped()


def test_the_shipped_model_has_finite_weights_and_a_curve() -> None:
    model = shipped()
    assert model.curve
    assert all(math.isfinite(w) for part in (model.rank, model.accept) for w in (*part.weights, part.constant))


def test_learning_twice_gives_the_same_model_and_counter_questions_teach() -> None:
    index = Index(ENTRIES, Lexicon.parse(""))
    own = [replace(one, judged=True) for one in own_examples(index)]
    school = School(index, [*own, *counter_examples(index)])
    seen = school.look()
    assert {one.example.text for one in seen} >= {"租房提取公积金要带什么材料"}
    first = train(school, seen, "twice")
    assert first == train(school, seen, "twice")
    assert sum(point.answered for point in first.curve[-1:]) <= len(own)


def test_an_own_question_never_finds_itself() -> None:
    index = Index(ENTRIES, Lexicon.parse(""))
    for one in School(index, own_examples(index)).look():
        assert one.example.text not in one.texts
