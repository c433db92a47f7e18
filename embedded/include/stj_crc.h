/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32 of Ethernet and zip: polynomial 0x04C11DB7, bits reflected, begun with all ones, inverted at the end. Half a
 * byte at a time, by a table of 64 bytes. */
#ifndef STJ_CRC_H
#define STJ_CRC_H

#include <stddef.h>
#include <stdint.h>

/* The CRC of bytes that go on where those before ended: `crc` is the result for these, 0 where there are none. The
 * bytes are read whatever the compiler knows of them, so that constants in flash can be checked. */
static inline uint32_t stj_crc32(uint32_t crc, const void *bytes, size_t count) {
    static const uint32_t of_nibble[16] = {0x00000000u, 0x1DB71064u, 0x3B6E20C8u, 0x26D930ACu, 0x76DC4190u, 0x6B6B51F4u,
                                           0x4DB26158u, 0x5005713Cu, 0xEDB88320u, 0xF00F9344u, 0xD6D6A3E8u, 0xCB61B38Cu,
                                           0x9B64C2B0u, 0x86D3D2D4u, 0xA00AE278u, 0xBDBDF21Cu};
    const volatile uint8_t *byte = (const volatile uint8_t *)bytes;
    crc = ~crc;
    for (size_t k = 0; k < count; k++) {
        crc ^= byte[k];
        crc = crc >> 4 ^ of_nibble[crc & 15];
        crc = crc >> 4 ^ of_nibble[crc & 15];
    }
    return ~crc;
}

#endif
