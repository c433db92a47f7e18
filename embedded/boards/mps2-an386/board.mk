# Cortex-M4 (MPS2 AN386) under QEMU.
TITLE := Cortex-M4 (MPS2 AN386), QEMU
CC := arm-none-eabi-gcc
AR := arm-none-eabi-ar
CFLAGS_BOARD := -mthumb -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard -fcallgraph-info=su
LDFLAGS_BOARD := -nostartfiles -L boards/common -T boards/mps2-an386/memory.ld -Wl,--gc-sections
LIBS_BOARD := -lm
PORT_DIRS := port/semihosting boards/common
PACKAGES := gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm
BINUTILS := arm-none-eabi-
MACHINE := mps2-an386
BOARD_TARGET := cortex-m-dsp
