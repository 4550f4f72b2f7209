"""Measures of a rule against planted truth, from the counts of a two-by-two table.

Every function takes counts (numbers or arrays that broadcast) and returns an array of the same shape. Where the
denominator is zero the answer is NaN, never 0 or 1; `describe` writes it as "undefined: 0 of 0".

n_tp: defects found; n_fn: defects missed; n_fp: false alarms; n_tn: sound units left alone.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Counts = npt.ArrayLike


def sensitivity(n_tp: Counts, n_fn: Counts) -> FloatArray:
    """Share of the defects that were found: n_tp / (n_tp + n_fn).

    Range 0 to 1, perfect 1; no defects: undefined. Synonyms: recall, hit rate, true positive rate, probability of
    detection.

    References:
        Altman and Bland (1994), BMJ 308, 1552.

    Examples:
        >>> sensitivity([9, 0], [3, 0])
        array([0.75,  nan])
    """
    found, missed = _floats(n_tp, n_fn)
    return ratio(found, found + missed)


def specificity(n_tn: Counts, n_fp: Counts) -> FloatArray:
    """Share of the sound units that were left alone: n_tn / (n_tn + n_fp).

    Range 0 to 1, perfect 1; nothing sound: undefined. Synonyms: true negative rate, 1 - false alarm rate.

    References:
        Altman and Bland (1994), BMJ 308, 1552.

    Examples:
        >>> specificity(95, 5)
        array(0.95)
    """
    kept, alarms = _floats(n_tn, n_fp)
    return ratio(kept, kept + alarms)


def precision(n_tp: Counts, n_fp: Counts) -> FloatArray:
    """Share of the flags that point at a defect: n_tp / (n_tp + n_fp).

    Range 0 to 1, perfect 1; no flags: undefined. It depends on how many defects there are: see
    `precision_at_prevalence`. Synonyms: positive predictive value, 1 - false discovery rate.

    References:
        Altman and Bland (1994), BMJ 309, 102.

    Examples:
        >>> precision([1, 0], [3, 0])
        array([0.25,  nan])
    """
    right, wrong = _floats(n_tp, n_fp)
    return ratio(right, right + wrong)


def precision_at_prevalence(sensitivity: Counts, specificity: Counts, prevalence: Counts) -> FloatArray:
    """Precision the same rule would have where another share of the units is defective (Bayes' theorem).

    se p / (se p + (1 - sp)(1 - p)). Range 0 to 1, perfect 1; a rule that flags nothing: undefined. Trusts that
    sensitivity and specificity do not change with the prevalence.

    References:
        Altman and Bland (1994), BMJ 309, 102.

    Examples:
        >>> precision_at_prevalence(0.9, 0.9, [0.5, 0.01]).round(3)
        array([0.9  , 0.083])
    """
    found, kept = _floats(sensitivity, specificity)
    share = np.asarray(prevalence, dtype=np.float64)
    return ratio(found * share, found * share + (1 - kept) * (1 - share))


def f1(n_tp: Counts, n_fp: Counts, n_fn: Counts) -> FloatArray:
    """Harmonic mean of precision and sensitivity: 2 n_tp / (2 n_tp + n_fp + n_fn).

    Range 0 to 1, perfect 1; no defects and no flags: undefined. Ignores n_tn. Synonyms: F score, Dice coefficient.

    References:
        van Rijsbergen (1979), Information Retrieval, chapter 7.

    Examples:
        >>> f1(1, 1, 1)
        array(0.5)
    """
    found, alarms, missed = _floats(n_tp, n_fp, n_fn)
    return ratio(2 * found, 2 * found + alarms + missed)


def mcc(n_tp: Counts, n_fp: Counts, n_fn: Counts, n_tn: Counts) -> FloatArray:
    """Matthews correlation coefficient of flags with defects.

    (n_tp n_tn - n_fp n_fn) / sqrt((n_tp + n_fp)(n_tp + n_fn)(n_tn + n_fp)(n_tn + n_fn)). Range -1 to 1, perfect 1,
    no better than chance 0; undefined if everything or nothing is flagged, or everything or nothing is defective.
    Synonym: phi coefficient.

    References:
        Matthews (1975), Biochimica et Biophysica Acta 405, 442-451.

    Examples:
        >>> mcc([5, 5, 5], [0, 5, 0], [0, 5, 0], [5, 5, 0])
        array([ 1.,  0., nan])
    """
    tp, fp, fn, tn = _floats(n_tp, n_fp, n_fn, n_tn)
    # Two square roots: the product of four margins of a million cells is past what a double holds exactly.
    scale = np.sqrt((tp + fp) * (tp + fn)) * np.sqrt((tn + fp) * (tn + fn))
    return ratio(tp * tn - fp * fn, scale)


def balanced_accuracy(n_tp: Counts, n_fp: Counts, n_fn: Counts, n_tn: Counts) -> FloatArray:
    """Mean of sensitivity and specificity.

    Range 0 to 1, perfect 1, flag-everything and flag-nothing 0.5; undefined if either of its parts is. Synonym:
    (Youden's J + 1) / 2.

    References:
        Brodersen et al. (2010), ICPR, 3121-3124.

    Examples:
        >>> balanced_accuracy(9, 5, 3, 95)
        array(0.85)
    """
    return np.asarray((sensitivity(n_tp, n_fn) + specificity(n_tn, n_fp)) / 2)


def flags_per_1000_records(n_flags: Counts, n_records: Counts) -> FloatArray:
    """Flags a clerk must look at for every 1,000 records: 1000 n_flags / n_records.

    Range 0 upwards, no perfect value (it depends on how many defects there are); no records: undefined. Synonym:
    alert rate.

    References:
        Poly et al. (2020), JMIR Medical Informatics 8, e15653, for alert burden.

    Examples:
        >>> flags_per_1000_records(30, 1500)
        array(20.)
    """
    flags, records = _floats(n_flags, n_records)
    return ratio(1000 * flags, records)


def flags_per_defect_found(n_flags: Counts, n_tp: Counts) -> FloatArray:
    """Flags looked at for each defect found: n_flags / n_tp.

    Perfect 1 at units cell, record and case; nothing found: undefined if there were no flags, infinite if there
    were. Synonyms: number needed to examine, 1 / precision where each flag points at one unit.

    References:
        Rembold (1998), BMJ 317, 307-312 (number needed to screen).

    Examples:
        >>> flags_per_defect_found([30, 30, 0], [10, 0, 0])
        array([ 3., inf, nan])
    """
    flags, found = _floats(n_flags, n_tp)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(flags / found)


def ratio(numerator: Counts, denominator: Counts) -> FloatArray:
    """Quotient of two arrays, NaN wherever the denominator is zero.

    Examples:
        >>> ratio([1, 1], [4, 0])
        array([0.25,  nan])
    """
    top, bottom = np.broadcast_arrays(*_floats(numerator, denominator))
    answer: FloatArray = np.divide(top, bottom, out=np.full(bottom.shape, np.nan), where=bottom != 0)
    return answer


def describe(value: float, numerator: int | None = None, denominator: int | None = None) -> str:
    """Write a measure for a reader: three decimals, and what an undefined one is undefined of.

    Examples:
        >>> describe(44 / 67, 44, 67)
        '0.657 (44 of 67)'
        >>> describe(0.5)
        '0.500'
        >>> describe(float("nan"))
        'undefined: 0 of 0'
    """
    if math.isnan(value):
        return "undefined: 0 of 0"
    counts = "" if numerator is None or denominator is None else f" ({numerator:,} of {denominator:,})"
    return f"{value:.3f}{counts}"


def _floats(*counts: Counts) -> tuple[FloatArray, ...]:
    return tuple(np.asarray(count, dtype=np.float64) for count in counts)
