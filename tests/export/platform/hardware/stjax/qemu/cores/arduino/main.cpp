/* Runs a sketch once: what it prints goes to the emulator. */
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

unsigned long millis(void) { return 0; }
unsigned long micros(void) { return 0; }

int main() {
    setup();
    loop();
    return 0;
}
