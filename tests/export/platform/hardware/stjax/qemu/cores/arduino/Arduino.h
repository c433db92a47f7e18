/* What the sketches use of Arduino's API, as ArduinoCore-API declares it, and nothing else. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
class Print {
  public:
    size_t print(const char *text);
    size_t print(char character);
    size_t print(double value, int digits = 2);
    size_t write(const uint8_t *bytes, size_t count);
};

class Stream : public Print {
  public:
    int read();
};

class SerialEmulated : public Stream {
  public:
    void begin(unsigned long baud);
    explicit operator bool();
};

extern SerialEmulated Serial;

extern "C" {
#endif

enum { LOW = 0, HIGH = 1, OUTPUT = 1 };
enum { LEDR = 86, LEDG = 87, LEDB = 88 };

void pinMode(int pin, int mode);
void digitalWrite(int pin, int value);
void delay(unsigned long milliseconds);
unsigned long millis(void);
unsigned long micros(void);
void setup(void);
void loop(void);

#ifdef __cplusplus
}
#endif
