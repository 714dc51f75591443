"""The IDX format of MNIST and its kin, compressed or not.

Two zero bytes, one for the type, one for the number of axes, each axis as a big-endian 32-bit count, then the values.

Reference:
    LeCun, Cortes and Burges, "The MNIST database of handwritten digits", http://yann.lecun.com/exdb/mnist/
"""

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from understudy.errors import DataError

_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_GZIP = b"\x1f\x8b"


def read_idx(path: Path) -> NDArray[Any]:
    """The array in an IDX file, in the machine's byte order.

    Raises:
        DataError: the file is not IDX, or holds fewer or more values than its header says.
    """
    try:
        with path.open("rb") as file:
            packed = file.read(2) == _GZIP
            file.seek(0)
            if not packed:
                return _parse(file, path)
            with gzip.GzipFile(fileobj=file) as unpacked:
                return _parse(unpacked, path)  # type: ignore[arg-type]  # typeshed: GzipFile is no BinaryIO
    except EOFError as error:
        raise DataError(f"'{path}' is truncated: {error}") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"'{path}' is damaged: {error}") from error
    except OSError as error:
        raise DataError(f"cannot read '{path}': {error.strerror or error}") from error


def _parse(file: BinaryIO, path: Path) -> NDArray[Any]:
    shape, dtype = _header(file, path)
    length = math.prod(shape) * dtype.itemsize
    body = file.read(length + 1)  # one more, to see whether something follows
    if len(body) < length:
        raise DataError(f"'{path}' is truncated: its header says {shape}, {length} bytes, but {len(body)} follow")
    if len(body) > length:
        raise DataError(f"'{path}' is not a sound IDX file: more follows than the {length} bytes that {shape} needs")
    return np.frombuffer(body, dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)


def _header(file: BinaryIO, path: Path) -> tuple[tuple[int, ...], np.dtype[Any]]:
    magic = file.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _TYPES or magic[3] == 0:
        raise DataError(f"'{path}' is not an IDX file: it begins with {magic.hex(' ') or 'nothing'}")
    axes = magic[3]
    sizes = file.read(4 * axes)
    if len(sizes) < 4 * axes:
        raise DataError(f"'{path}' is truncated: its header should name {axes} axes")
    return struct.unpack(f">{axes}I", sizes), np.dtype(_TYPES[magic[2]])
