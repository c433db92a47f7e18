/* SPDX-License-Identifier: Apache-2.0 */
/* Counts executed guest instructions exactly, between two marker functions of the guest.
 *
 *     -plugin stj_count.so,begin=0x..,end=0x..,out=FILE[,low=0x..,high=0x..]
 *
 * begin, end: addresses of the first instructions of the markers. out: where the counts go. low, high: with these, also
 * counts per instruction in [low, high) of code, for a profile.
 *
 * FILE receives one line "count N" per pair of markers passed, in order, and at the end one line "pc 0x.. N" for every
 * instruction executed between markers. An instruction counts when the core starts it: also one whose condition fails.
 * Counters are increased before every single instruction, not once per translated block: a block may be left early.
 */
#include "qemu_plugin_v1.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int qemu_plugin_version = 1;

static uint64_t begin_address, end_address, low, high;
static const char *out_path;
static FILE *out;

/* One core: the boards have no other. */
static uint64_t executed;
static uint64_t executed_at_begin;
static int inside;
/* Per halfword of [low, high): executions since the last begin marker, and those of all finished pairs. */
static uint64_t *current, *total;

static size_t slots(void) { return (size_t)(high - low) / 2; }

static void on_begin(unsigned int vcpu_index, void *userdata) {
    (void)vcpu_index;
    (void)userdata;
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
    fprintf(out, "count %llu\n", (unsigned long long)(executed - executed_at_begin));
    for (size_t slot = 0; current != NULL && slot < slots(); ++slot) {
        total[slot] += current[slot];
    }
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
    (void)id;
    const size_t count = qemu_plugin_tb_n_insns(tb);
    for (size_t i = 0; i < count; ++i) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        const uint64_t address = qemu_plugin_insn_vaddr(insn);
        if (address == begin_address) {
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_begin, QEMU_PLUGIN_CB_NO_REGS, NULL);
        }
        if (address == end_address) {
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_end, QEMU_PLUGIN_CB_NO_REGS, NULL);
        }
        qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64, &executed, 1);
        if (current != NULL && address >= low && address < high) {
            uint64_t *slot = &current[(address - low) / 2];
            qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64, slot, 1);
        }
    }
}

static void on_exit(qemu_plugin_id_t id, void *userdata) {
    (void)id;
    (void)userdata;
    for (size_t slot = 0; total != NULL && slot < slots(); ++slot) {
        if (total[slot] > 0) {
            fprintf(out, "pc 0x%llx %llu\n", (unsigned long long)(low + 2 * slot), (unsigned long long)total[slot]);
        }
    }
    fclose(out);
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
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
    qemu_plugin_register_atexit_cb(id, on_exit, NULL);
    return 0;
}
