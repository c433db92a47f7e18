# This computer: for outputs and sanitizers. Its figures for stack and code are not those of a microcontroller.
TITLE := this computer
CC := gcc
AR := ar
CFLAGS_BOARD := -fno-pie -fcallgraph-info=su
LDFLAGS_BOARD := -no-pie
LIBS_BOARD := -lm
PORT_DIRS := port/host
PACKAGES := gcc
BOARD_TARGET := portable
