/* What the program uses of Mbed OS 6's drivers/Timer.h, and nothing else. */
#pragma once

#include <chrono>
#include <cstdint>

namespace mbed {
class Timer {
  public:
    void start();
    void stop();
    std::chrono::microseconds elapsed_time() const;
};
} // namespace mbed

using namespace mbed;
