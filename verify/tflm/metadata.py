"""TensorFlow Lite Micro's arena plan inside a .tflite: the metadata entry "OfflineMemoryAllocation", read and written.

The entry names a buffer of little-endian int32 words:

    word 0   version: 0 (Arm's Vela writes it) or 1
    word 1   number of subgraphs; in older descriptions the subgraph's index
    word 2   n, the number of offsets, one per tensor of the file
    word 3.. byte offset of each tensor from the arena's start; -1: placed by the interpreter when it starts

TFLM itself looks at word 2 and the offsets only. Only files of one subgraph are read: which tensors of several are
meant is not the same in all versions of TFLM.

Source: tensorflow/lite/micro/docs/memory_management.md, "Offline planned tensor allocations".
"""

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import flatbuffers
import numpy as np
import tflite
from tflite.Model import Model

from verify.tflite.errors import ModelError
from verify.tflite.schema import DAMAGE, RawModel
from verify.tflm.arena_plan import ArenaPlan
from verify.tflm.execution import takes_memory

NAME = b"OfflineMemoryAllocation"
VERSIONS = (0, 1)
SUBGRAPH_WORDS = (0, 1)
"""Both meanings of word 1, for a file of one subgraph."""

HEADER_WORDS = 3
ONLINE = -1
FILE_ALIGNMENT = 16
"""Of constants in a .tflite, relative to the file's start: what the file is copied behind must be a multiple of it."""

_MODEL_ADD: Mapping[int, Callable[[flatbuffers.Builder, int], None]] = {
    1: tflite.ModelAddOperatorCodes,
    2: tflite.ModelAddSubgraphs,
    3: tflite.ModelAddDescription,
    5: tflite.ModelAddMetadataBuffer,
    7: tflite.ModelAddSignatureDefs,
}
"""Fields of the schema's Model table that are taken over; 0 is the version, 4 the buffers, 6 the metadata."""

_BUFFERS, _METADATA, _FIELDS = 4, 6, 8


def read_arena_plan(data: bytes, model: RawModel) -> ArenaPlan:
    """The arena plan of a .tflite's bytes; `model` is what `parse` found in them.

    Raises:
      ModelError: there is no such plan, or it is damaged or not about this model.
    """
    try:
        words = _words(data)
    except DAMAGE as error:
        raise ModelError(f"metadata {NAME.decode()}: damaged ({type(error).__name__}: {error})") from error
    try:
        return ArenaPlan(_offsets(words, model))
    except ModelError as error:
        raise ModelError(f"metadata {NAME.decode()}: {error}") from error


def _words(data: bytes) -> np.ndarray:
    """All complete words of the one buffer that the metadata names."""
    table: Any = Model.GetRootAs(data, 0)
    if table.SubgraphsLength() != 1:
        raise ModelError(f"the model has {table.SubgraphsLength()} subgraphs; arena plans are read for one only")
    _check_vectors(data, table)
    entries = [table.Metadata(place) for place in range(table.MetadataLength())]
    found = [entry for entry in entries if entry.Name() == NAME]
    if not found:
        way = "write one with python -m verify.tflm MODEL.tflite --emit OUT.tflite"
        raise ModelError(f"the model has no metadata {NAME.decode()}, so it brings no arena plan; {way}")
    if len(found) > 1:
        raise ModelError(f"metadata {NAME.decode()} is there {len(found)} times; one plan is expected")
    buffer = found[0].Buffer()
    if buffer >= table.BuffersLength():
        raise ModelError(
            f"metadata {NAME.decode()} refers to buffer {buffer}; the file has {table.BuffersLength()} of them"
        )
    contents = table.Buffers(buffer)
    raw = contents.DataAsNumpy() if contents.DataLength() else np.zeros(0, np.uint8)
    return np.frombuffer(raw.tobytes()[: raw.nbytes // 4 * 4], "<i4")


def _check_vectors(data: bytes, table: Any) -> None:
    """A damaged length may claim billions of entries; each takes four bytes of the file."""
    for what, count in (("buffers", table.BuffersLength()), ("metadata", table.MetadataLength())):
        if count * 4 > len(data):
            raise ModelError(f"the file is damaged: it claims {count} {what}, more than it can hold")


def _offsets(words: np.ndarray, model: RawModel) -> dict[int, int | None]:
    if len(words) < HEADER_WORDS:
        raise ModelError(f"truncated: {len(words)} words; version, subgraphs and number of offsets take 3")
    version, subgraphs, count = (int(word) for word in words[:HEADER_WORDS])
    if version not in VERSIONS:
        raise ModelError(f"version {version} is not known; known are {' and '.join(map(str, VERSIONS))}")
    if subgraphs not in SUBGRAPH_WORDS:
        raise ModelError(f"it is for {subgraphs} subgraphs; the model has 1")
    if count != len(model.tensors):
        raise ModelError(f"it has offsets for {count} tensors; the model has {len(model.tensors)}")
    if len(words) < HEADER_WORDS + count:
        raise ModelError(f"truncated: {len(words) - HEADER_WORDS} offsets of {count}")
    offsets: dict[int, int | None] = {}
    for tensor, offset in zip(model.tensors, words[HEADER_WORDS:].tolist(), strict=False):
        if offset < ONLINE:
            raise ModelError(f"offset {offset} of {tensor.label} is negative; -1 leaves the place to the interpreter")
        if offset != ONLINE and not takes_memory(tensor):
            why = "a variable" if tensor.variable else "empty" if 0 in tensor.shape else "constant"
            raise ModelError(f"offset {offset} of {tensor.label}, which is {why} and not in the arena; write -1")
        offsets[tensor.index] = None if offset == ONLINE else offset
    return offsets


def write_arena_plan(data: bytes, tensors: int, plan: ArenaPlan) -> bytes:
    """The .tflite with this arena plan as its metadata, in place of one that it may have had.

    All bytes of the old file follow unchanged: before them stand a new root table that shares everything with the old
    one, and the new entry. `tensors` is how many tensors the file has.

    Raises:
      ModelError: the file has parts that cannot be shared: contents outside the flatbuffer, fields of a later schema.
    """
    try:
        return _Rewriter(data).with_plan(_packed(tensors, plan))
    except DAMAGE as error:
        raise ModelError(f"the file is damaged: {type(error).__name__} ({error})") from error


def _packed(tensors: int, plan: ArenaPlan) -> bytes:
    offsets = [plan.offsets.get(index) for index in range(tensors)]
    words = [1, 1, tensors, *(ONLINE if offset is None else offset for offset in offsets)]
    return struct.pack(f"<{len(words)}i", *words)


class _Rewriter:
    """Builds a flatbuffer around an existing one. They are built from their end, so the old file goes in first."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.model: Any = Model.GetRootAs(data, 0)
        self._check()
        self.builder = flatbuffers.Builder(len(data) + 4096)
        self.builder.Prep(FILE_ALIGNMENT, len(data))
        # The vector's length word stands before the old file, and is never read.
        self._start = self.builder.CreateByteVector(data) - 4

    def with_plan(self, contents: bytes) -> bytes:
        builder, model = self.builder, self.model
        plan = builder.CreateByteVector(contents)
        tflite.BufferStart(builder)
        tflite.BufferAddData(builder, plan)
        buffer = tflite.BufferEnd(builder)
        buffers = self._vector([*self._tables(_BUFFERS, model.BuffersLength()), buffer])
        kept = [
            place
            for number, place in enumerate(self._tables(_METADATA, model.MetadataLength()))
            if model.Metadata(number).Name() != NAME
        ]
        name = builder.CreateString(NAME)
        tflite.MetadataStart(builder)
        tflite.MetadataAddName(builder, name)
        tflite.MetadataAddBuffer(builder, model.BuffersLength())
        metadata = self._vector([*kept, tflite.MetadataEnd(builder)])
        tflite.ModelStart(builder)
        tflite.ModelAddVersion(builder, model.Version())
        tflite.ModelAddBuffers(builder, buffers)
        tflite.ModelAddMetadata(builder, metadata)
        for field, add in _MODEL_ADD.items():
            target = self._target(field)
            if target is not None:
                add(builder, self._start - target)
        builder.Finish(tflite.ModelEnd(builder), b"TFL3")
        return bytes(builder.Output())

    def _check(self) -> None:
        _check_vectors(self.data, self.model)
        table = self.model._tab
        vtable = table.Pos - self._integer("<i", table.Pos)
        fields = (self._integer("<H", vtable) - 4) // 2
        if any(self._slot(field) for field in range(_FIELDS, fields)):
            raise ModelError(f"its root table has more than the {_FIELDS} fields that are known; it is not rewritten")
        buffers = (self.model.Buffers(place) for place in range(self.model.BuffersLength()))
        if any(buffer.Offset() or buffer.Size() for buffer in buffers):
            raise ModelError("it has contents outside the flatbuffer; convert the model to one file below 2 GiB")

    def _integer(self, kind: str, place: int) -> int:
        return struct.unpack_from(kind, self.data, place)[0]

    def _slot(self, field: int) -> int:
        """Where in the old root table a field stands; 0 if it is absent."""
        return self.model._tab.Offset(4 + 2 * field)

    def _target(self, field: int) -> int | None:
        """Byte of the old file that a field of the old root table refers to."""
        slot = self._slot(field)
        return self._follow(self.model._tab.Pos + slot) if slot else None

    def _follow(self, place: int) -> int:
        target = place + self._integer("<I", place)
        if target >= len(self.data):
            raise ModelError(f"the file is damaged: byte {place} refers to byte {target} of {len(self.data)}")
        return target

    def _tables(self, field: int, count: int) -> list[int]:
        """The tables of a vector of the old root table, as the builder counts: bytes from the new file's end."""
        start = self._target(field)
        return [] if start is None else [self._start - self._follow(start + 4 + 4 * number) for number in range(count)]

    def _vector(self, tables: Sequence[int]) -> int:
        self.builder.StartVector(4, len(tables), 4)
        for table in reversed(tables):
            self.builder.PrependUOffsetTRelative(table)
        return self.builder.EndVector()
