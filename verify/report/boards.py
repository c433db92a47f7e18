"""Boards that networks run on, as a page compares them with a plan: memory, clock, and what their cores can compute.

Facts, each with where it stands. SRAM is the largest piece in one address range, in bytes: what a network's arena can
lie in. Memory beside it (tightly coupled, battery-backed, external) is not counted. Flash is what a program may fill;
where a boot loader comes first, it is left out. Makers' data sheets call it KB and MB and mean 1,024 and 1,024 times
that.
"""

from dataclasses import dataclass

DSP = frozenset({"dsp"})
HELIUM = frozenset({"dsp", "mve"})
NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Board:
    """A board.

    Args:
      name, chip, core: as their makers call them.
      features: words of verify.targets for what the core can do; kernels that need others do not run there.
      thumb2: whether it executes what instructions were counted of: Thumb-2, as every Cortex-M from M3 on.
      sram_bytes, flash_bytes, clock_hertz: module docstring; the clock is the highest, of the fastest core.
      source: where the figures stand.
      note: what a user of the board should know beside them.
    """

    name: str
    chip: str
    core: str
    features: frozenset[str]
    thumb2: bool
    sram_bytes: int
    flash_bytes: int
    clock_hertz: int
    source: str
    note: str = ""


KB, MB, MHZ = 1 << 10, 1 << 20, 1_000_000

_ARDUINO_H7 = "ArduinoCore-mbed, boards.txt and linker_script.ld (program at 0x08040000); STM32H747 data sheet"
_STM32 = "platformio/platform-ststm32, boards; ST's data sheet of the chip"
_NRF52 = "platformio/platform-nordicnrf52, boards; nRF52840 product specification"

BOARDS = (
    Board(
        "Arduino Nicla Vision",
        "STM32H747",
        "Cortex-M7",
        DSP,
        True,
        523_624,
        2 * MB - 256 * KB,
        480 * MHZ,
        _ARDUINO_H7,
        "the core's own split of the flash may leave less",
    ),
    Board(
        "Arduino Portenta H7",
        "STM32H747",
        "Cortex-M7",
        DSP,
        True,
        523_624,
        2 * MB - 256 * KB,
        480 * MHZ,
        _ARDUINO_H7,
        "8 MB of SDRAM beside it",
    ),
    Board("Arduino Nano 33 BLE Sense", "nRF52840", "Cortex-M4", DSP, True, 256 * KB, 983_040, 64 * MHZ, _NRF52),
    Board("nRF52840 DK", "nRF52840", "Cortex-M4", DSP, True, 256 * KB, MB, 64 * MHZ, _NRF52),
    Board("NUCLEO-F767ZI", "STM32F767ZI", "Cortex-M7", DSP, True, 512 * KB, 2 * MB, 216 * MHZ, _STM32),
    Board("STM32F746G-Discovery", "STM32F746NG", "Cortex-M7", DSP, True, 320 * KB, MB, 216 * MHZ, _STM32),
    Board("NUCLEO-L4R5ZI", "STM32L4R5ZI", "Cortex-M4", DSP, True, 640 * KB, 2 * MB, 120 * MHZ, _STM32),
    Board("NUCLEO-F446RE", "STM32F446RE", "Cortex-M4", DSP, True, 128 * KB, 512 * KB, 180 * MHZ, _STM32),
    Board("NUCLEO-G071RB", "STM32G071RB", "Cortex-M0+", NONE, False, 36 * KB, 128 * KB, 64 * MHZ, _STM32),
    Board(
        "Raspberry Pi Pico",
        "RP2040",
        "Cortex-M0+",
        NONE,
        False,
        264 * KB,
        2 * MB,
        133 * MHZ,
        "platformio/platform-raspberrypi, boards/pico.json; RP2040 data sheet",
        "flash is read through a cache",
    ),
    Board(
        "Raspberry Pi Pico 2",
        "RP2350",
        "Cortex-M33",
        DSP,
        True,
        520 * KB,
        4 * MB,
        150 * MHZ,
        "Zephyr 4.1 documentation, rpi_pico2; RP2350 data sheet",
        "flash is read through a cache",
    ),
    Board(
        "ESP32-S3-DevKitC-1",
        "ESP32-S3",
        "Xtensa LX7",
        NONE,
        False,
        512 * KB,
        8 * MB,
        240 * MHZ,
        "platformio/platform-espressif32, boards/esp32-s3-devkitc-1.json; ESP32-S3 data sheet",
        "ESP-IDF takes a part of the SRAM; flash is read through a cache",
    ),
    Board(
        "Corstone-300, MPS3 AN547",
        "SSE-300",
        "Cortex-M55",
        HELIUM,
        True,
        4 * MB,
        8 * MB,
        32 * MHZ,
        "Zephyr 2.6 documentation, mps3_an547 (flash); QEMU, hw/arm/mps2-tz.c (SRAM, clock)",
        "an FPGA; chips with this core run at several times its clock",
    ),
)
