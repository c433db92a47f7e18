"""A camera whose lines a network takes one by one, the machine that does, and the FIFO of rows between the two.

All numbers are whole, so that what is proved about them is exact: rates in thousandths, times in units of which one
second has `Camera.second`.
"""

from dataclasses import dataclass

TAG_BYTES, FEED_BYTES = 2, 76
"""Of a row in the FIFO besides its own, and of stj_feed with 32-bit pointers."""


def middle(width: int, height: int, rows: int, columns: int) -> tuple[int, int, int]:
    """Left, top and step of the largest part of a picture that rows x columns pixels see, in its middle.

    What is left over on one side more than on the other is on the right and below. Step 0: the picture is too small.
    """
    step = min(width // columns, height // rows)
    left, top = (max(0, (total - step * (count - 1) - 1) // 2) for total, count in ((width, columns), (height, rows)))
    return left, top, step


@dataclass(frozen=True)
class Camera:
    """A camera, a clock and a FIFO.

    Args:
      width, height: pixels of the camera's picture.
      millihertz: frames per 1,000 seconds. Lines are spread over the frame evenly, the last one ends with it.
      clock_hertz: of the processor.
      millicycles: clock cycles per 1,000 instructions.
      left, top, step: the network's pixel (y, x) is the camera's (top + step * y, left + step * x).
      line_instructions: that each line of the camera takes of the processor, the network's own work aside.
      fifo_rows: rows of the network's input that the FIFO holds.
      row_bytes: of such a row.
    """

    width: int
    height: int
    millihertz: int
    clock_hertz: int
    millicycles: int
    left: int
    top: int
    step: int
    line_instructions: int
    fifo_rows: int
    row_bytes: int

    @property
    def fifo_bytes(self) -> int:
        """With a tag for each row, and the struct that keeps it (embedded/feed/stj_feed.h)."""
        return self.fifo_rows * (self.row_bytes + TAG_BYTES) + FEED_BYTES

    @property
    def second(self) -> int:
        """Units of time in a second."""
        return self.clock_hertz * self.millihertz * self.height * 1000

    @property
    def line(self) -> int:
        """From one line to the next."""
        return self.clock_hertz * 1_000_000

    @property
    def frame(self) -> int:
        """From one frame to the next."""
        return self.height * self.line

    def time(self, instructions: int) -> int:
        """What so many instructions take."""
        return instructions * self.millicycles * self.millihertz * self.height

    def arrival(self, row: int, rows: int) -> int:
        """When row `row` of `rows` can be taken, from the start of the frame: when the camera has given its line.

        The last one waits for the frame's end, as it does where a DMA gives lines without their numbers.
        """
        return self.frame if row == rows - 1 else (self.top + self.step * row + 1) * self.line

    def taken(self, instructions: int) -> int | None:
        """The most that so many instructions can take while lines keep coming, each of which interrupts them.

        Of a time t, lines take at most (t / line + 1) * theirs. None where lines leave no time.
        """
        lost = self.time(self.line_instructions)
        if lost >= self.line:
            return None
        return -(-(self.time(instructions) + lost) * self.line // (self.line - lost))
