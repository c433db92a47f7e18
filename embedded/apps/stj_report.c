/* SPDX-License-Identifier: Apache-2.0 */
/* Report lines without printf: the C library's would need more static data than some models. */
#include "stj_report.h"

static void print_key(const stj_port *port, const char *key) {
    port->print(" ");
    port->print(key);
    port->print("=");
}

void stj_report_start(const stj_port *port, const char *what) {
    port->print("stj-");
    port->print(what);
}

void stj_report_number(const stj_port *port, const char *key, int32_t value) {
    char digits[12];
    char *text = digits + sizeof digits;
    uint32_t rest = value < 0 ? 0U - (uint32_t)value : (uint32_t)value;
    *--text = '\0';
    do {
        *--text = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0) {
        *--text = '-';
    }
    print_key(port, key);
    port->print(text);
}

void stj_report_text(const stj_port *port, const char *key, const char *value) {
    print_key(port, key);
    port->print(value);
}

void stj_report_end(const stj_port *port) { port->print("\n"); }
