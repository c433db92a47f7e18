/* What the programs use of Mbed OS 6's drivers/Timer.h, drivers/UnbufferedSerial.h and pin names, and nothing else. */
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <sys/types.h>

namespace mbed {
class Timer {
  public:
    void start();
    void stop();
    std::chrono::microseconds elapsed_time() const;
};

enum PinName { USBTX, USBRX };

class UnbufferedSerial {
  public:
    UnbufferedSerial(PinName tx, PinName rx, int baud);
    ssize_t write(const void *buffer, size_t size);
    ssize_t read(void *buffer, size_t size);
    bool readable();
};
} // namespace mbed

using namespace mbed;
