/* SPDX-License-Identifier: Apache-2.0 */
/* Two functions that do nothing: the instruction counter starts at the first and stops at the second. */
#ifndef STJ_MARKER_H
#define STJ_MARKER_H

void stj_marker_begin(void);
void stj_marker_end(void);

#endif
