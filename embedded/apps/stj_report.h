/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of text for the host: "stj-<what> key=value key=value ...\n", printed through the port. */
#ifndef STJ_REPORT_H
#define STJ_REPORT_H

#include <stdint.h>

#include "stj_port.h"

/* Starts the line "stj-<what>". */
void stj_report_start(const stj_port *port, const char *what);

/* Adds " key=value". */
void stj_report_number(const stj_port *port, const char *key, int32_t value);
void stj_report_text(const stj_port *port, const char *key, const char *value);

/* Ends the line. */
void stj_report_end(const stj_port *port);

#endif
