"""What a user may call a generated model: files, functions, types and macros begin with it, in C and in C++."""

import re

PREFIX = "stj_model"
"""What they begin with where nobody asks for something else."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


KEYWORDS = _words(
    """
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t char8_t class
    co_await co_return co_yield compl concept const const_cast consteval constexpr constinit continue decltype
    default delete do double dynamic_cast else enum explicit export extern false float for friend goto if inline int
    long mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public register
    reinterpret_cast requires restrict return short signed sizeof static static_assert static_cast struct switch
    template this thread_local throw true try typedef typeid typename typeof union unsigned using virtual void
    volatile wchar_t while xor xor_eq
    """
)
HEADERS = _words(
    """
    assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic
    stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype
    """
)
"""The C library's: NAME.h would stand before <NAME.h> wherever the folder is searched for headers."""


def fault_of_prefix(prefix: str) -> str:
    """Why this cannot begin the names of a model; "" if it can."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,39}", prefix):
        return "letters, digits and _, a letter first, at most 40"
    if prefix in KEYWORDS:
        return "it is a word of C or C++"
    if prefix in HEADERS:
        return f"<{prefix}.h> is a header of the C library"
    if prefix == "main":
        return "main.c and main are the program's"
    if prefix.lower().startswith("stj_") and prefix != PREFIX:
        return "stj_ begins the names of the kernels"
    return ""
