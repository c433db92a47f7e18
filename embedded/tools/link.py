"""The computer's half of the protocol of embedded/feed/stj_serial.h: asks a board for what its model computes."""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from embedded.tools.board import FirmwareError
from embedded.tools.signature import TensorSpec

SYNC = b"SJ"
VERSION = 2
TRIES = 3
_HEAD, _CRC = struct.Struct("<BBI"), struct.Struct("<I")


class Port(Protocol):
    """A serial line, as pyserial has it."""

    def read(self, size: int, /) -> bytes:
        """Up to so many bytes; fewer, or none, where no more came for a while."""
        ...

    def write(self, data: bytes, /) -> object: ...


@dataclass(frozen=True)
class Board:
    """What a board says of its model.

    Args:
      inputs: per input, its bytes and how many rows they are.
      order: the inputs as they have to be pushed.
      outputs: per output, its bytes.
      plan_sha256: of the plan that the model was emitted from.
      unit: of the times that it measures.
    """

    inputs: tuple[tuple[int, int], ...]
    order: tuple[int, ...]
    outputs: tuple[int, ...]
    plan_sha256: str
    unit: str


def message(kind: str, number: int, payload: bytes) -> bytes:
    body = _HEAD.pack(ord(kind), number, len(payload)) + payload
    return SYNC + body + _CRC.pack(zlib.crc32(body))


class Link:
    """Asks and waits for the answer; a question whose answer does not come is asked again."""

    def __init__(self, port: Port, most_bytes: int) -> None:
        """Answers of more than `most_bytes` are damaged."""
        self.port, self.most_bytes = port, most_bytes
        self.number, self.repeated = 255, 0

    def hello(self) -> Board:
        """Raises FirmwareError: nobody answers, or in another version."""
        data = self.ask("H", b"")
        try:
            version, inputs, outputs = struct.unpack_from("<3i", data)
            if version != VERSION:
                raise FirmwareError(f"the board speaks version {version} of the protocol, this program {VERSION}")
            numbers = struct.unpack_from(f"<{3 * inputs + outputs}i", data, 12)
            plan, unit, _ = data[12 + 4 * len(numbers) :].decode().split("\0")
        except (struct.error, ValueError):
            raise FirmwareError(f"the board says of its model what has no meaning: {data!r}") from None
        sizes = tuple(zip(numbers[0 : 2 * inputs : 2], numbers[1 : 2 * inputs : 2], strict=True))
        return Board(sizes, numbers[2 * inputs : 3 * inputs], numbers[3 * inputs :], plan, unit)

    def begin(self) -> None:
        self._status(self.ask("B", b""), "begin")

    def push(self, board: Board, inputs: Sequence[np.ndarray]) -> int:
        """Pushes all inputs of one inference or frame, row by row; returns the time that the board took."""
        time = 0
        for k in board.order:
            data, (_, rows) = _bytes_of(inputs[k]), board.inputs[k]
            size = len(data) // rows
            for y in range(rows):
                answer = self.ask("R", struct.pack("<i", k) + data[y * size : (y + 1) * size])
                self._status(answer[:4], f"row {y} of input {k}")
                time += struct.unpack("<I", answer[4:])[0]
        return time

    def output(self, index: int, spec: TensorSpec) -> np.ndarray | None:
        """None while it is not ready."""
        data = self.ask("G", struct.pack("<i", index))
        if not data:
            return None
        return np.frombuffer(data, spec.dtype.newbyteorder("<")).astype(spec.dtype).reshape(spec.shape)

    def teach(self, what: int, label: int = 0) -> int:
        """Tells the head that learns something (embedded.tools.course has the numbers); its label or status.

        Raises:
          FirmwareError: the board has no such head.
        """
        return struct.unpack("<i", self.ask("L", struct.pack("<2i", what, label)))[0]

    def stack(self) -> tuple[int, int] | None:
        """The most stack that pushing a row took, and the plan's reserve; None where the board does not measure it."""
        used, reserve = struct.unpack("<2i", self.ask("S", b""))
        return None if used < 0 else (used, reserve)

    def ask(self, kind: str, payload: bytes) -> bytes:
        """The answer's payload.

        Raises:
          FirmwareError: no answer comes, or the board refuses the question.
        """
        self.number = (self.number + 1) % 256
        for tried in range(TRIES):
            self.repeated += tried > 0
            self.port.write(message(kind, self.number, payload))
            while (answer := self._answer()) is not None:
                if answer[1] == self.number and answer[0] == kind.lower():
                    return answer[2]
                if answer[1] == self.number and answer[0] == "e":
                    raise FirmwareError(f"the board refuses question {kind} of {len(payload)} bytes")
        raise FirmwareError("no answer on the serial line: does the board run the serial test, and nobody else listen?")

    def _answer(self) -> tuple[str, int, bytes] | None:
        """Kind, number and payload of the next sound message; None where the line is silent before one ends."""
        while self._skip_to_start():
            head = self._read(_HEAD.size)
            kind, number, length = _HEAD.unpack(head or bytes(_HEAD.size))
            if head is None or length > self.most_bytes:
                continue
            rest = self._read(length + _CRC.size)
            if rest is not None and _CRC.unpack(rest[length:])[0] == zlib.crc32(head + rest[:length]):
                return chr(kind), number, rest[:length]
        return None

    def _skip_to_start(self) -> bool:
        """Whether a message begins before the line is silent."""
        seen = b""
        while seen != SYNC:
            byte = self.port.read(1)
            if not byte:
                return False
            seen = (seen + byte)[-2:]
        return True

    def _read(self, size: int) -> bytes | None:
        data = b""
        while len(data) < size:
            more = self.port.read(size - len(data))
            if not more:
                return None
            data += more
        return data

    def _status(self, answer: bytes, what: str) -> None:
        (status,) = struct.unpack("<i", answer)
        if status != 0:
            raise FirmwareError(f"the board's model answers {what} with status {status}")


def _bytes_of(array: np.ndarray) -> bytes:
    return array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
