/* SPDX-License-Identifier: Apache-2.0 */
/* The host port: files and console of the C library. The stack is not measured: a plan reserves that of a device.
 *
 * Built with sanitizers (STJ_SANITIZE), rows are lent out in memory of exactly their size.
 */
#include "stj_port.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FILES = 4, BUFFER_BYTES = 64 * 1024 * 1024 };

static FILE *files[MAX_FILES];

static int32_t host_open(const char *path, int32_t for_writing) {
    for (int32_t file = 0; file < MAX_FILES; ++file) {
        if (files[file] == NULL) {
            files[file] = fopen(path, for_writing ? "wb" : "rb");
            return files[file] == NULL ? -1 : file;
        }
    }
    return -1;
}

static int32_t host_read(int32_t file, void *data, int32_t bytes) {
    const size_t count = fread(data, 1, (size_t)bytes, files[file]);
    return ferror(files[file]) ? -1 : (int32_t)count;
}

static int32_t host_write(int32_t file, const void *data, int32_t bytes) {
    return fwrite(data, 1, (size_t)bytes, files[file]) == (size_t)bytes ? 0 : -1;
}

static void host_close(int32_t file) {
    if (file >= 0 && file < MAX_FILES && files[file] != NULL) {
        fclose(files[file]);
        files[file] = NULL;
    }
}

static void host_print(const char *text) { fputs(text, stdout); }

#ifdef STJ_SANITIZE
static const void *host_lend(const void *row, size_t bytes) {
    void *copy = malloc(bytes);
    if (copy == NULL) {
        abort();
    }
    return memcpy(copy, row, bytes);
}

static void host_take_back(const void *row) { free((void *)(uintptr_t)row); }
#endif

int main(int argc, char **argv) {
    stj_port port = {
        .open = host_open,
        .read = host_read,
        .write = host_write,
        .close = host_close,
        .print = host_print,
        .buffer = malloc(BUFFER_BYTES),
        .buffer_bytes = BUFFER_BYTES,
    };
    if (port.buffer == NULL) {
        return EXIT_FAILURE;
    }
#ifdef STJ_SANITIZE
    port.lend = host_lend;
    port.take_back = host_take_back;
#endif
    const int status = stj_app(&port, argc - 1, (const char *const *)argv + 1);
    free(port.buffer);
    return status;
}
