/* Runs a sketch: what it prints goes to the emulator, bytes that it reads and writes to the board's UART. Its loop runs
 * once, or again and again when it reads, or while a library that it uses (loop_again) wants it to. */
#include "Arduino.h"

#include <stdio.h>
#include <string.h>

extern "C" int _write(int file, const char *text, int bytes);

SerialEmulated Serial;

void SerialEmulated::begin(unsigned long) {}
SerialEmulated::operator bool() { return true; }

size_t Print::print(const char *text) { return (size_t)_write(1, text, (int)strlen(text)); }

size_t Print::print(char character) { return (size_t)_write(1, &character, 1); }

size_t Print::print(double value, int digits) {
    char text[40];
    snprintf(text, sizeof text, "%.*f", digits, value);
    return print(text);
}

/* Arm, Cortex-M System Design Kit: APB UART 0 of the board. */
static volatile uint32_t *const uart = (volatile uint32_t *)0x40004000;
enum { DATA, STATE, CONTROL, INTERRUPTS, DIVIDER, TX_FULL = 1, RX_FULL = 2, ENABLE_BOTH = 3 };

static bool reads;

int Stream::read() {
    if (!reads) {
        reads = true;
        uart[DIVIDER] = 16;
        uart[CONTROL] = ENABLE_BOTH;
    }
    return uart[STATE] & RX_FULL ? (int)(uart[DATA] & 0xFF) : -1;
}

size_t Print::write(const uint8_t *bytes, size_t count) {
    for (size_t k = 0; k < count; k++) {
        while (uart[STATE] & TX_FULL) {
        }
        uart[DATA] = bytes[k];
    }
    return count;
}

/* The pins of the LED say what they are set to. */
void pinMode(int, int) {}
void digitalWrite(int pin, int value) {
    char text[8];
    snprintf(text, sizeof text, "%c%d ", pin == LEDR ? 'R' : pin == LEDG ? 'G' : 'B', value);
    Serial.print(text);
}

void delay(unsigned long) {}
unsigned long millis(void) { return 0; }
unsigned long micros(void) { return 0; }

extern "C" bool loop_again(void) __attribute__((weak));

int main() {
    setup();
    do {
        loop();
    } while (reads || (loop_again != nullptr && loop_again()));
    return 0;
}
