# Cortex-M7 (MPS2 AN500) under QEMU.
TITLE := Cortex-M7 (MPS2 AN500), QEMU
CC := arm-none-eabi-gcc
AR := arm-none-eabi-ar
CFLAGS_BOARD := -mthumb -mcpu=cortex-m7 -mfpu=fpv5-d16 -mfloat-abi=hard -fcallgraph-info=su
LDFLAGS_BOARD := -nostartfiles -L boards/common -T boards/mps2-an500/memory.ld -Wl,--gc-sections
LIBS_BOARD := -lm
PORT_DIRS := port/semihosting boards/common
PACKAGES := gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm
BINUTILS := arm-none-eabi-
MACHINE := mps2-an500
BOARD_TARGET := cortex-m-dsp
