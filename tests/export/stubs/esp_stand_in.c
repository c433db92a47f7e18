/* A camera behind the declarations of esp_camera.h, and the start of the program. One picture does not come whole. */
#include <stdlib.h>

#include "app_main.h"
#include "esp_camera.h"
#include "esp_timer.h"
#include "pictures.h"

enum { CUT = 2 };

static const size_t sizes[][2] = {{96, 96}, {160, 120}, {176, 144}, {240, 176}, {240, 240}, {320, 240}};
static camera_fb_t frame;
static int picture, lent;

static void need(int fine) {
    if (!fine) {
        abort();
    }
}

int64_t esp_timer_get_time(void) { return 0; }

esp_err_t esp_camera_init(const camera_config_t *config) {
    need(config->fb_count >= 1 && config->xclk_freq_hz == 20000000);
    frame.width = sizes[config->frame_size][0];
    frame.height = sizes[config->frame_size][1];
    frame.format = config->pixel_format;
    frame.len = frame.width * frame.height * (frame.format == PIXFORMAT_GRAYSCALE ? 1 : 2);
    frame.buf = malloc(frame.len);
    return ESP_OK;
}

camera_fb_t *esp_camera_fb_get(void) {
    static camera_fb_t cut;
    need(!lent);
    if (picture == PICTURES) {
        return NULL;
    }
    const size_t bytes = frame.len / frame.height;
    for (size_t k = 0; k < frame.len; k++) {
        frame.buf[k] = picture_byte(picture, (int)(k / bytes), (int)(k % bytes));
    }
    lent = 1;
    cut = frame;
    cut.len -= picture++ == CUT ? bytes : 0;
    return &cut;
}

void esp_camera_fb_return(camera_fb_t *fb) { need(lent-- == 1 && fb->buf == frame.buf); }

int main(void) {
    app_main();
    return 0;
}
