#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each mutant of verifier_mutants.py stands for a line of src/verify that is there, once. That tests notice them, mutate_verifier.py shows, which takes hours."""
import sys

from mutate_verifier import list_mutants
from verifier_mutants import ARGUED


def main():
    mutants = list_mutants()[1]
    names = {mutant.name for mutant in mutants}
    unknown = [name for name in ARGUED if name not in names]
    for name in unknown:
        print(f"argued, but there is no such mutant: {name}")
    print(f"mutants: {len(mutants)}, each of a line that is there; {len(ARGUED)} argued")
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
