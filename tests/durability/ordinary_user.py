"""Giving up, in the process under test, what lets root read and write everything: then modes count as for others.

A process may always give up a right that it has; it would get it back from a program that it starts, and a forked
command starts none.
"""

import ctypes
import os

from durability.inject import in_child

VERSION = 0x20080522
"""Of the kernel's interface: rights in two words, of which the first has ours."""
DAC_OVERRIDE, DAC_READ_SEARCH = 1, 2

ORDINARY_USER = in_child(__name__)
"""The environment of a command that root's rights do not help; whoever is not root has none of them."""


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Rights(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


def install() -> None:
    """Give the rights up."""
    libc, header, rights = ctypes.CDLL(None, use_errno=True), _Header(VERSION, 0), (_Rights * 2)()
    kept = ~(1 << DAC_OVERRIDE | 1 << DAC_READ_SEARCH) & 0xFFFFFFFF
    for call in (libc.capget, libc.capset):
        if call(ctypes.byref(header), rights) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        rights[0].effective &= kept
        rights[0].permitted &= kept
