/* ESP-IDF's startup code declares it. */
#pragma once

void app_main(void);
