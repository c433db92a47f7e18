/* Weights and kernel parameters. */

static const int8_t op_0_weights[72] = {
    79, -3, -50, 2, 107, -118, -100, 120, -113, -99, -64, -33, 35, 112, 38, -55, -95, -62, -7,
    64, 87, -109, -39, 58, 89, 54, 42, 63, 2, -89, 105, -1, 120, -69, -1, 92, 61, -124,
    50, 33, -112, -69, 109, 103, -59, -47, 0, -127, 56, 94, -15, -85, 104, -84, -5, 11, 77,
    -8, -52, 109, -50, -6, 27, 63, 41, -78, -59, -42, -67, 80, 26, 15,
};
static const int32_t op_0_bias[4] = {
    229, 346, -325, -411,
};
static const int32_t op_0_whole_bias[4] = {
    -4839, 9096, -395, -5871,
};
static const int32_t op_0_multiplier[4] = {
    1184572800, 1385680896, 1227403008, 1512868480,
};
static const int8_t op_0_shift[4] = {
    5, 7, 5, 7,
};
static const stj_conv_2d_params op_0 = {
    .weights = op_0_weights,
    .bias = op_0_bias,
    .whole_bias = op_0_whole_bias,
    .multiplier = op_0_multiplier,
    .shift = op_0_shift,
    .in_h = 9,
    .in_w = 6,
    .in_c = 2,
    .out_h = 5,
    .out_w = 6,
    .out_c = 4,
    .kernel_h = 3,
    .kernel_w = 3,
    .stride_h = 2,
    .stride_w = 1,
    .dilation_h = 1,
    .dilation_w = 1,
    .pad_top = 1,
    .pad_left = 1,
    .groups = 1,
    .in_zero_point = 14,
    .out_zero_point = 10,
    .out_min = 10,
    .out_max = 70,
};

static const int8_t op_1_weights[144] = {
    -70, -24, -77, 60, -53, 74, 49, 37, 121, -34, -72, -98, 92, -127, -30, 87, -82, -32, -102,
    0, -7, -121, 117, -117, 40, 81, 126, -66, -123, -97, -11, 48, 89, 40, -3, 47, -77, 107,
    -90, -23, 29, -98, -55, -71, 10, -126, 127, 52, -72, 41, -65, 60, -110, -118, 69, -38, 21,
    46, -109, 16, -108, 43, 78, -29, -96, 59, -42, 58, 107, 98, -122, -69, 57, 14, -104, -118,
    -52, 6, 123, 96, 113, -70, -83, -66, 86, -74, -15, 47, -90, 46, -88, 21, -5, 37, -31,
    -94, 79, -79, 115, -107, -70, -26, 45, -124, -75, 94, -1, -77, -20, -63, 47, 20, -116, 112,
    -66, 57, 35, 96, 70, -11, -70, 9, -71, 51, -25, 29, 115, 56, -67, -27, 70, -69, 117,
    -102, -1, -22, -65, 25, 4, -15, -121, 67, 38, 88,
};
static const int32_t op_1_bias[4] = {
    -143, 172, 71, -246,
};
static const int32_t op_1_whole_bias[4] = {
    5637, 1112, 521, 2884,
};
static const int32_t op_1_multiplier[4] = {
    1326784512, 1688785280, 1260474496, 1306402048,
};
static const int8_t op_1_shift[4] = {
    5, 5, 4, 4,
};
static const stj_conv_2d_params op_1 = {
    .weights = op_1_weights,
    .bias = op_1_bias,
    .whole_bias = op_1_whole_bias,
    .multiplier = op_1_multiplier,
    .shift = op_1_shift,
    .in_h = 5,
    .in_w = 6,
    .in_c = 4,
    .out_h = 5,
    .out_w = 6,
    .out_c = 4,
    .kernel_h = 3,
    .kernel_w = 3,
    .stride_h = 1,
    .stride_w = 1,
    .dilation_h = 1,
    .dilation_w = 1,
    .pad_top = 1,
    .pad_left = 1,
    .groups = 1,
    .in_zero_point = 10,
    .out_zero_point = 1,
    .out_min = 1,
    .out_max = 61,
};

static const stj_add_params op_2 = {
    .result = {{1, 5}, 1, 24},
    .operands = {{{0, 0, 1, 0}, {4, 1}}, {{0, 0, 1, 0}, {4, 1}}},
    .in_zero_point = {10, 1},
    .in_multiplier = {1073741824, 1073741824},
    .in_shift = {0, 0},
    .sign = 1,
    .out_multiplier = 1073741824,
    .out_shift = -18,
    .out_zero_point = -8,
    .out_min = -8,
    .out_max = 127,
};

static const int8_t op_4_weights[20] = {
    35, 86, -79, 56, 121, -117, -92, 24, -62, 20, -95, 1, 30, -39, 1, -42, 60, 18, 58,
    66,
};
static const int32_t op_4_whole_bias[4] = {
    1804, -356, -1369, 656,
};
static const int32_t op_4_multiplier[4] = {
    1261285248, 1155499264, 1971947648, 1720798976,
};
static const int8_t op_4_shift[4] = {
    4, 5, 5, 6,
};
static const stj_depthwise_conv_2d_params op_4 = {
    .weights = op_4_weights,
    .bias = 0,
    .whole_bias = op_4_whole_bias,
    .multiplier = op_4_multiplier,
    .shift = op_4_shift,
    .in_h = 9,
    .in_w = 30,
    .in_c = 4,
    .out_h = 5,
    .out_w = 30,
    .depth_multiplier = 1,
    .kernel_h = 5,
    .kernel_w = 1,
    .stride_h = 1,
    .stride_w = 1,
    .dilation_h = 1,
    .dilation_w = 1,
    .pad_top = 0,
    .pad_left = 0,
    .in_zero_point = -8,
    .out_zero_point = -5,
    .out_min = -128,
    .out_max = 127,
};

static const int8_t op_6_weights[480] = {
    89, 50, -41, 0, -48, -15, -1, 0, -57, -109, -98, 0, -67, -77, 120, 0, -124, 100, 20,
    0, -97, -88, -21, 0, 44, -100, -15, 0, 74, 66, 1, 0, -62, -90, 7, 0, -59, -45,
    82, 0, -31, -82, -1, 0, 96, 113, 113, 0, -20, -108, -70, 0, 124, 86, -18, 0, -52,
    -16, -64, 0, -108, -116, -87, 0, 18, -88, 73, 0, -48, 92, -51, 0, 126, -9, 63, 0,
    -114, -35, 100, 0, 46, 108, -109, 0, 105, 1, 64, 0, 87, 114, 98, 0, 43, 34, -90,
    0, 6, -105, -22, 0, 68, 61, -43, 0, -117, -127, -119, 0, -42, -101, -88, 0, 56, 7,
    -56, 0, 36, 4, 8, 0, 90, 19, -99, 0, 18, 2, -121, 0, -109, -40, 60, 0, 55,
    -69, 44, 0, -8, -115, 61, 0, -90, 33, 81, 0, -106, 15, 63, 0, 36, 46, 43, 0,
    -85, 20, -11, 0, 92, 67, -115, 0, 83, -77, 54, 0, -16, -38, -23, 0, -55, 109, 122,
    0, -13, 52, 41, 0, 47, -60, 108, 0, -54, 106, 47, 0, -98, -24, -10, 0, 101, 37,
    27, 0, -55, 14, 110, 0, 104, 60, -112, 0, 91, -16, -88, 0, 75, -80, -59, 0, -20,
    103, -81, 0, -43, -27, 29, 0, 17, -7, -71, 0, 52, 103, -20, 0, -88, -118, -99, 0,
    -34, -32, 3, 0, -117, 116, -36, 0, -69, -77, 98, 0, 8, 98, -95, 0, 61, -100, -106,
    0, -38, -78, 60, 0, 68, -117, 32, 0, 26, -84, 58, 0, -60, 121, 37, 0, -47, -1,
    -101, 0, -115, -16, -25, 0, 43, 86, 120, 0, 55, 65, 18, 0, 113, -116, 39, 0, 17,
    -3, -21, 0, 25, 72, 109, 0, 53, 91, 87, 0, 16, -20, 88, 0, -25, 49, -111, 0,
    60, -114, 43, 0, -107, 114, 66, 0, -92, -116, -126, 0, 127, -49, 74, 0, -71, 70, 119,
    0, 64, 30, 99, 0, 81, -24, -95, 0, -78, -113, -117, 0, 96, 0, 95, 0, -14, -39,
    90, 0, -49, -126, 74, 0, 114, 37, 67, 0, -14, 62, -125, 0, 23, 126, 28, 0, -69,
    -61, -50, 0, -105, 83, 6, 0, -101, 15, -98, 0, -69, 26, -41, 0, 8, -127, 4, 0,
    31, 121, -105, 0, 74, 109, 93, 0, 41, 114, -119, 0, 16, -24, -11, 0, 20, -44, -107,
    0, -94, -82, -107, 0, -62, -124, -96, 0, -95, 44, 25, 0, 102, 4, -81, 0, 9, 69,
    123, 0, -39, -11, -61, 0, -9, -99, 87, 0, -52, 26, 78, 0, -108, 63, 83, 0, -31,
    85, 112, 0, 110, 1, 57, 0, 102, 4, -117, 0, -73, 122, 117, 0, 91, 65, -33, 0,
    -121, 66, -104, 0, 44, -54, -66, 0, 110, -47, -36, 0, -118, -24, 119, 0, 113, -127, -27,
    0, 99, -104, -107, 0,
};
static const int32_t op_6_whole_bias[4] = {
    74, -1912, -578, 0,
};
static const int32_t op_6_multiplier[4] = {
    1346175500, 1346175500, 1346175500, 0,
};
static const int8_t op_6_shift[4] = {
    4, 4, 4, 0,
};
static const stj_fully_connected_params op_6 = {
    .weights = op_6_weights,
    .whole_bias = op_6_whole_bias,
    .multiplier = op_6_multiplier,
    .shift = op_6_shift,
    .single_rounding = 0,
    .in_depth = 120,
    .out_depth = 3,
    .vectors_per_row = 1,
    .out_zero_point = -6,
    .out_min = -128,
    .out_max = 127,
};

/* All arrays above, and the CRC-32 of their bytes, one array after the other, numbers little-endian. */
#ifdef STJ_CHECK_CONSTANTS
#define CHECKED_CRC32 0x148A32C1u
static const struct {
    const void *bytes;
    size_t count;
} checked[] = {
    {op_0_weights, sizeof op_0_weights},
    {op_0_bias, sizeof op_0_bias},
    {op_0_whole_bias, sizeof op_0_whole_bias},
    {op_0_multiplier, sizeof op_0_multiplier},
    {op_0_shift, sizeof op_0_shift},
    {op_1_weights, sizeof op_1_weights},
    {op_1_bias, sizeof op_1_bias},
    {op_1_whole_bias, sizeof op_1_whole_bias},
    {op_1_multiplier, sizeof op_1_multiplier},
    {op_1_shift, sizeof op_1_shift},
    {op_4_weights, sizeof op_4_weights},
    {op_4_whole_bias, sizeof op_4_whole_bias},
    {op_4_multiplier, sizeof op_4_multiplier},
    {op_4_shift, sizeof op_4_shift},
    {op_6_weights, sizeof op_6_weights},
    {op_6_whole_bias, sizeof op_6_whole_bias},
    {op_6_multiplier, sizeof op_6_multiplier},
    {op_6_shift, sizeof op_6_shift},
    {NULL, 0},
};
#endif
