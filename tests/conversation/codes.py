"""Whether a code can be paid, by the public rules: Banco Central's BR Code manual, FEBRABAN's slip layout.

Written anew, so that a mistake in the product's own codes is not repeated here.
"""

from __future__ import annotations

import re


def crc_is_right(br_code: str) -> bool:
    """Bit by bit: polynomial 0x1021, start 0xFFFF, over everything before the last four characters."""
    register = 0xFFFF
    for byte in br_code[:-4].encode():
        register ^= byte << 8
        for _ in range(8):
            register = (register << 1) ^ (0x1021 if register & 0x8000 else 0)
            register &= 0xFFFF
    return br_code[-8:-4] == "6304" and br_code[-4:] == f"{register:04X}"


def _mod10(digits: str) -> str:
    products = (int(digit) * (2 - index % 2) for index, digit in enumerate(reversed(digits)))
    return str(-sum(product // 10 + product % 10 for product in products) % 10)


def _mod11(digits: str) -> str:
    total = sum(int(digit) * (2 + index % 8) for index, digit in enumerate(reversed(digits)))
    check = 11 - total % 11
    return str(check if check < 10 else 1)


def check_digits_are_right(line: str) -> bool:
    """The three fields' own digits and the general one over the barcode that the line spells out."""
    digits = re.sub(r"[ .]", "", line)
    if not re.fullmatch(r"\d{47}", digits):
        return False
    fields = digits[:10], digits[10:21], digits[21:32]
    free_field = digits[4:9] + digits[10:20] + digits[21:31]
    covered = digits[:4] + digits[33:] + free_field
    return all(_mod10(field[:-1]) == field[-1] for field in fields) and _mod11(covered) == digits[32]
