/* SPDX-License-Identifier: Apache-2.0 */
/* What a board supplies to an app, as one struct of function pointers, so that the app is the same on every board.
 *
 * A port owns the entry point: it fills the struct, calls stj_app and ends the program with its result.
 * Everything here belongs to the harness around a model; a product would put a camera and a display in its place.
 */
#ifndef STJ_PORT_H
#define STJ_PORT_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    /* Opens the file `path` for reading, or for writing from scratch. Returns a handle, or a negative number. */
    int32_t (*open)(const char *path, int32_t for_writing);

    /* Reads up to `bytes`. Returns how many were read, fewer only at the end of the file; negative on an error. */
    int32_t (*read)(int32_t file, void *data, int32_t bytes);

    /* Writes all of `bytes`. Returns 0, or a negative number on an error. */
    int32_t (*write)(int32_t file, const void *data, int32_t bytes);

    void (*close)(int32_t file);

    /* Prints a zero-terminated text on the console. */
    void (*print)(const char *text);

    /* Memory of the harness for the inputs of one sample. */
    uint8_t *buffer;
    size_t buffer_bytes;

    /* Lowest address of the stack that may be painted, or NULL where the stack cannot be measured. */
    uint8_t *stack_limit;

    /* Both NULL, or: `lend` copies input data into memory of exactly `bytes`, which `take_back` destroys, so that a
     * sanitizer sees every access outside of it, and every use after the model should be done with it. */
    const void *(*lend)(const void *data, size_t bytes);
    void (*take_back)(const void *data);
} stj_port;

/* The app. Arguments exclude the program's own name. Returns the exit status of the program, 0 for success. */
int stj_app(const stj_port *port, int32_t argument_count, const char *const *arguments);

#endif
