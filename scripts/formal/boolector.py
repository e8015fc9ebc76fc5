# SPDX-License-Identifier: Apache-2.0
"""The boolector command, as far as yosys-smtbmc uses it: SMT-LIB 2 in, answers out, incremental.

The solver is the shared library inside the PyBoolector wheel, which brings no command.
"""
import ctypes
import glob
import os
import sys
import sysconfig

Pointer = ctypes.c_void_p
UNBUFFERED = 2  # _IONBF of <stdio.h>


def declare(function, result, *arguments):
    function.restype = result
    function.argtypes = arguments
    return function


def load():
    pattern = os.path.join(sysconfig.get_path("platlib"), "pyboolector.libs", "libboolector-*.so")
    found = glob.glob(pattern)
    if not found:
        sys.exit(f"boolector: no library {pattern}; ./cw setup installs it")
    return ctypes.CDLL(found[0])


def option_numbers(library, solver):
    """The solver's options by their long name."""
    first = declare(library.boolector_first_opt, ctypes.c_int, Pointer)
    following = declare(library.boolector_next_opt, ctypes.c_int, Pointer, ctypes.c_int)
    exists = declare(library.boolector_has_opt, ctypes.c_bool, Pointer, ctypes.c_int)
    name = declare(library.boolector_get_opt_lng, ctypes.c_char_p, Pointer, ctypes.c_int)
    numbers = {}
    option = first(solver)
    while exists(solver, option):
        numbers[name(solver, option).decode()] = option
        option = following(solver, option)
    return numbers


def streams():
    """Standard input and output as the C library's; an answer leaves before the next question."""
    libc = ctypes.CDLL(None)
    fdopen = declare(libc.fdopen, Pointer, ctypes.c_int, ctypes.c_char_p)
    setvbuf = declare(libc.setvbuf, ctypes.c_int, Pointer, Pointer, ctypes.c_int, ctypes.c_size_t)
    questions, answers = fdopen(0, b"r"), fdopen(1, b"w")
    setvbuf(answers, None, UNBUFFERED, 0)
    return questions, answers


def main():
    library = load()
    solver = declare(library.boolector_new, Pointer)()
    set_option = declare(library.boolector_set_opt, None, Pointer, ctypes.c_int, ctypes.c_uint32)
    numbers = option_numbers(library, solver)
    for name in ("incremental", "model-gen"):
        set_option(solver, numbers[name], 1)
    parse = declare(library.boolector_parse_smt2, ctypes.c_int, Pointer, Pointer, ctypes.c_char_p,
                    Pointer, ctypes.POINTER(ctypes.c_char_p), ctypes.POINTER(ctypes.c_int))
    error, status = ctypes.c_char_p(), ctypes.c_int()
    questions, answers = streams()
    parse(solver, questions, b"<stdin>", answers, error, status)
    if error.value:
        sys.exit(error.value.decode())
    os._exit(0)  # the answers are out; nothing is worth tidying up


main()
