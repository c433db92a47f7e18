# Cortex-M55 (MPS3 AN547) under QEMU.
TITLE := Cortex-M55 (MPS3 AN547), QEMU
CC := arm-none-eabi-gcc
AR := arm-none-eabi-ar
CFLAGS_BOARD := -mthumb -mcpu=cortex-m55 -mfloat-abi=hard -fcallgraph-info=su
LDFLAGS_BOARD := -nostartfiles -L boards/common -T boards/mps3-an547/memory.ld -Wl,--gc-sections
LIBS_BOARD := -lm
PORT_DIRS := port/semihosting boards/common
PACKAGES := gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm
BINUTILS := arm-none-eabi-
MACHINE := mps3-an547
BOARD_TARGET := cortex-m-mve
