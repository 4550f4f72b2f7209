"""Mutation testing of rules: one defect at a time in clean data, and whether any rule notices."""

from benchmarks.mutation.scoring import MutationResult, mutate

__all__ = ["MutationResult", "mutate"]
