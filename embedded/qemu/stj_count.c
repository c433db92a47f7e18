/* SPDX-License-Identifier: Apache-2.0 */
/* Counts executed guest instructions exactly, between two marker functions of the guest.
 *
 *     -plugin stj_count.so,begin=0x..,end=0x..,out=FILE[,low=0x..,high=0x..[,calls=FILE]]
 *
 * begin, end: addresses of the first instructions of the markers. out: where the counts go. low, high: with these, also
 * counts per instruction in [low, high) of code, for a profile. calls: a file with one line "caller LOW HIGH" per
 * function that calls and one line "call ADDRESS" per calling instruction in them, for a profile of each: what is
 * executed from there on until an instruction of a caller.
 *
 * The output receives one line "count N" per pair of markers passed, in order, and at the end one line "pc 0x.. N" for
 * every instruction executed between markers; of each call that was made "call 0x.. TIMES" and then its lines "pc".
 * An instruction counts when the core starts it: also one whose condition fails. Counters are increased before every
 * single instruction, not once per translated block: a block may be left early.
 */
#include "qemu_plugin_v1.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int qemu_plugin_version = 1;

static uint64_t begin_address, end_address, low, high;
static const char *out_path, *calls_path;
static FILE *out;

/* One core: the boards have no other. */
static uint64_t executed;
static uint64_t executed_at_begin;
static int inside;
/* Per halfword of [low, high): executions since the last begin marker, and those of all finished pairs. */
static uint64_t *current, *total;

/* An instruction that calls, and what was executed on its behalf, per halfword of [low, high). */
typedef struct {
    uint64_t address, times;
    uint64_t *total;
} call_site;

typedef struct {
    uint64_t low, high;
} range;

enum { MOST = 4096 };
static call_site sites[MOST];
static range callers[MOST];
static size_t site_count, caller_count;
/* The call that the core is in, or NULL, and `current` as it was when it began. */
static call_site *call;
static uint64_t *seen;

static size_t slots(void) { return (size_t)(high - low) / 2; }

static void end_call(void) {
    for (size_t slot = 0; call != NULL && slot < slots(); ++slot) {
        call->total[slot] += current[slot] - seen[slot];
    }
    call = NULL;
}

static void on_call(unsigned int vcpu_index, void *userdata) {
    (void)vcpu_index;
    end_call();
    if (inside) {
        call = userdata;
        call->times++;
        memcpy(seen, current, slots() * sizeof *seen);
    }
}

static void on_caller(unsigned int vcpu_index, void *userdata) {
    (void)vcpu_index;
    (void)userdata;
    end_call();
}

static void on_begin(unsigned int vcpu_index, void *userdata) {
    (void)vcpu_index;
    (void)userdata;
    call = NULL;
    if (current != NULL) {
        memset(current, 0, slots() * sizeof *current);
    }
    executed_at_begin = executed;
    inside = 1;
}

static void on_end(unsigned int vcpu_index, void *userdata) {
    (void)vcpu_index;
    (void)userdata;
    if (!inside) {
        return;
    }
    inside = 0;
    end_call();
    fprintf(out, "count %llu\n", (unsigned long long)(executed - executed_at_begin));
    for (size_t slot = 0; current != NULL && slot < slots(); ++slot) {
        total[slot] += current[slot];
    }
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
    (void)id;
    const size_t count = qemu_plugin_tb_n_insns(tb);
    struct qemu_plugin_insn *first = qemu_plugin_tb_get_insn(tb, 0);
    const uint64_t start = qemu_plugin_insn_vaddr(first);
    for (size_t i = 0; i < caller_count; ++i) {
        if (start >= callers[i].low && start < callers[i].high) {
            qemu_plugin_register_vcpu_insn_exec_cb(first, on_caller, QEMU_PLUGIN_CB_NO_REGS, NULL);
        }
    }
    for (size_t i = 0; i < count; ++i) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        const uint64_t address = qemu_plugin_insn_vaddr(insn);
        if (address == begin_address) {
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_begin, QEMU_PLUGIN_CB_NO_REGS, NULL);
        }
        if (address == end_address) {
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_end, QEMU_PLUGIN_CB_NO_REGS, NULL);
        }
        for (size_t k = 0; k < site_count; ++k) {
            if (address == sites[k].address) {
                qemu_plugin_register_vcpu_insn_exec_cb(insn, on_call, QEMU_PLUGIN_CB_NO_REGS, &sites[k]);
            }
        }
        qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64, &executed, 1);
        if (current != NULL && address >= low && address < high) {
            uint64_t *slot = &current[(address - low) / 2];
            qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64, slot, 1);
        }
    }
}

static void print_profile(const uint64_t *counts) {
    for (size_t slot = 0; counts != NULL && slot < slots(); ++slot) {
        if (counts[slot] > 0) {
            fprintf(out, "pc 0x%llx %llu\n", (unsigned long long)(low + 2 * slot), (unsigned long long)counts[slot]);
        }
    }
}

static void on_exit(qemu_plugin_id_t id, void *userdata) {
    (void)id;
    (void)userdata;
    print_profile(total);
    for (size_t i = 0; i < site_count; ++i) {
        if (sites[i].times > 0) {
            fprintf(out, "call 0x%llx %llu\n", (unsigned long long)sites[i].address,
                    (unsigned long long)sites[i].times);
            print_profile(sites[i].total);
        }
    }
    fclose(out);
}

/* Reads callers and calls from their file; 0 if it cannot be read or there are too many. */
static int read_calls(void) {
    FILE *file = fopen(calls_path, "r");
    char line[128];
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        char *numbers = strchr(line, ' ');
        if (numbers == NULL || site_count == MOST || caller_count == MOST) {
            fclose(file);
            return 0;
        }
        const uint64_t first = strtoull(numbers, &numbers, 0);
        if (strncmp(line, "caller ", 7) == 0) {
            callers[caller_count++] = (range){first, strtoull(numbers, NULL, 0)};
        } else {
            sites[site_count++] = (call_site){first, 0, calloc(slots(), sizeof *current)};
        }
    }
    seen = calloc(slots(), sizeof *seen);
    return file != NULL && fclose(file) == 0 && seen != NULL;
}

/* Reads "name=value" into one of our settings; 0 if there is no such setting. */
static int set(const char *argument) {
    static const struct {
        const char *name;
        uint64_t *value;
    } addresses[] = {{"begin=", &begin_address}, {"end=", &end_address}, {"low=", &low}, {"high=", &high}};
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; ++i) {
        const size_t length = strlen(addresses[i].name);
        if (strncmp(argument, addresses[i].name, length) == 0) {
            *addresses[i].value = strtoull(argument + length, NULL, 0);
            return 1;
        }
    }
    if (strncmp(argument, "out=", 4) == 0) {
        out_path = argument + 4;
        return 1;
    }
    if (strncmp(argument, "calls=", 6) == 0) {
        calls_path = argument + 6;
        return 1;
    }
    return 0;
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv) {
    (void)info;
    for (int i = 0; i < argc; ++i) {
        if (!set(argv[i])) {
            fprintf(stderr, "stj_count: unknown argument \"%s\"\n", argv[i]);
            return -1;
        }
    }
    if (begin_address == 0 || end_address == 0 || out_path == NULL || high < low) {
        fprintf(stderr, "stj_count: begin, end and out are needed, and low may not lie above high\n");
        return -1;
    }
    out = fopen(out_path, "w");
    if (out == NULL) {
        fprintf(stderr, "stj_count: cannot write %s\n", out_path);
        return -1;
    }
    if (high > low) {
        current = calloc(slots(), sizeof *current);
        total = calloc(slots(), sizeof *total);
        if (current == NULL || total == NULL) {
            fprintf(stderr, "stj_count: no memory for a profile\n");
            return -1;
        }
        if (calls_path != NULL && !read_calls()) {
            fprintf(stderr, "stj_count: %s cannot be read, or has more than %d lines\n", calls_path, MOST);
            return -1;
        }
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
    qemu_plugin_register_atexit_cb(id, on_exit, NULL);
    return 0;
}
