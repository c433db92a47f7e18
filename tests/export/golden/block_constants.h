/* Weights and kernel parameters. */

static const int8_t op_0_weights[72] = {
    115, 103, -56, 74, 61, -92, -16, -63, -122, 82, -8, -52, 3, -17, 94, -58, -26, 44, -59,
    65, 40, 82, -97, -24, -46, 46, -33, -86, 65, 48, -20, 122, 59, 90, -92, 81, 22, 114,
    -19, 36, -47, 41, 110, -126, 115, -14, -59, -84, 77, 77, -77, 50, -104, -65, -47, 12, 108,
    32, 100, -30, -120, -81, 83, -126, 118, 84, 74, 115, 36, -49, -70, -107,
};
static const int32_t op_0_bias[4] = {
    -197, -376, -47, 476,
};
static const int32_t op_0_whole_bias[4] = {
    511, 674, -431, 74,
};
static const int32_t op_0_multiplier[4] = {
    1120312832, 1796622592, 1366964480, 1156303488,
};
static const int8_t op_0_shift[4] = {
    5, 6, 6, 5,
};
static const stj_conv_2d_params op_0 = {
    .weights = op_0_weights,
    .bias = op_0_bias,
    .whole_bias = op_0_whole_bias,
    .multiplier = op_0_multiplier,
    .shift = op_0_shift,
    .in_h = 9,
    .in_w = 7,
    .in_c = 2,
    .out_h = 9,
    .out_w = 7,
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
    .in_zero_point = -2,
    .out_zero_point = -16,
    .out_min = -128,
    .out_max = 127,
};

static const int8_t op_1_weights[48] = {
    1, -35, 37, -43, 14, 53, -23, -91, -48, -96, -78, -28, -94, -30, -25, 103, 4, 108, 18,
    115, 36, 125, 119, -106, -107, 19, -90, -109, -76, 0, -61, -123, -79, -59, -51, -10, 102, 23,
    94, 124, -105, 96, 72, 12, 64, -113, -57, -1,
};
static const int32_t op_1_whole_bias[12] = {
    -1615, -1801, -1885, -726, -2260, 4404, -265, -3700, -726, -891, 1069, 2270,
};
static const int32_t op_1_multiplier[12] = {
    1354533632, 1334866048, 1090705152, 1802979584, 1258029312, 2036784896, 1343388928, 1751113600, 1852123008,
    1972571520, 1144196224, 1950952704,
};
static const int8_t op_1_shift[12] = {
    4, 4, 4, 5, 5, 6, 4, 5, 6, 5, 4, 5,
};
static const stj_conv_2d_params op_1 = {
    .weights = op_1_weights,
    .bias = 0,
    .whole_bias = op_1_whole_bias,
    .multiplier = op_1_multiplier,
    .shift = op_1_shift,
    .in_h = 9,
    .in_w = 7,
    .in_c = 4,
    .out_h = 9,
    .out_w = 7,
    .out_c = 12,
    .kernel_h = 1,
    .kernel_w = 1,
    .stride_h = 1,
    .stride_w = 1,
    .dilation_h = 1,
    .dilation_w = 1,
    .pad_top = 0,
    .pad_left = 0,
    .groups = 1,
    .in_zero_point = -16,
    .out_zero_point = 10,
    .out_min = -128,
    .out_max = 127,
};

static const int8_t op_2_weights[108] = {
    -52, -91, -58, 90, -86, -125, -73, 9, 123, 74, 23, -89, 125, 111, 77, -113, 63, 21, -62,
    -33, -95, -70, -40, 49, -7, -126, 87, -36, -123, 98, 20, -12, -46, -18, 2, -64, -22, -10,
    44, -86, 29, 73, 2, -10, 120, -98, 123, -14, 22, 70, 64, 114, -1, 91, -115, 114, -73,
    94, -91, -68, 100, 9, 11, 1, -114, 83, 81, 51, -126, 43, -111, -125, 100, 107, 46, -66,
    -74, -18, 66, -26, -81, -1, 73, 0, 25, 19, 95, -35, 67, -115, -79, 30, 96, -90, 14,
    87, 60, -25, 77, -83, 57, 37, -37, 85, 26, 122, -80, -28,
};
static const int32_t op_2_bias[12] = {
    305, 476, 463, 394, -350, -458, -18, -155, 394, 296, -78, 75,
};
static const int32_t op_2_whole_bias[12] = {
    -3205, -164, -3967, 2534, 1470, -1908, 1952, -2235, 954, -264, 792, 2595,
};
static const int32_t op_2_multiplier[12] = {
    1225158656, 1231401600, 1247124992, 1660076416, 1252168576, 1403630336, 2018402816, 1085674368, 1204895616,
    1268309632, 1130885120, 2005230336,
};
static const int8_t op_2_shift[12] = {
    4, 4, 4, 5, 5, 6, 5, 4, 4, 5, 5, 5,
};
static const stj_depthwise_conv_2d_params op_2 = {
    .weights = op_2_weights,
    .bias = op_2_bias,
    .whole_bias = op_2_whole_bias,
    .multiplier = op_2_multiplier,
    .shift = op_2_shift,
    .in_h = 9,
    .in_w = 7,
    .in_c = 12,
    .out_h = 9,
    .out_w = 7,
    .depth_multiplier = 1,
    .kernel_h = 3,
    .kernel_w = 3,
    .stride_h = 1,
    .stride_w = 1,
    .dilation_h = 1,
    .dilation_w = 1,
    .pad_top = 1,
    .pad_left = 1,
    .in_zero_point = 10,
    .out_zero_point = 13,
    .out_min = -128,
    .out_max = 127,
};

static const int8_t op_3_weights[48] = {
    -19, 90, -53, -34, 27, 4, -28, -87, 105, -34, -55, 100, 22, -3, 107, -10, -36, 126, 97,
    73, 30, 93, 9, -12, -112, -25, -42, 49, 100, 44, 115, 98, -30, -79, -91, 6, -123, -83,
    83, 49, -59, 123, 42, 66, -122, -13, 83, -110,
};
static const int32_t op_3_whole_bias[4] = {
    2383, -2888, -3146, -2484,
};
static const int32_t op_3_multiplier[4] = {
    1193421440, 1135778688, 1123580032, 1200468992,
};
static const int8_t op_3_shift[4] = {
    5, 4, 5, 4,
};
static const stj_conv_2d_params op_3 = {
    .weights = op_3_weights,
    .bias = 0,
    .whole_bias = op_3_whole_bias,
    .multiplier = op_3_multiplier,
    .shift = op_3_shift,
    .in_h = 9,
    .in_w = 7,
    .in_c = 12,
    .out_h = 9,
    .out_w = 7,
    .out_c = 4,
    .kernel_h = 1,
    .kernel_w = 1,
    .stride_h = 1,
    .stride_w = 1,
    .dilation_h = 1,
    .dilation_w = 1,
    .pad_top = 0,
    .pad_left = 0,
    .groups = 1,
    .in_zero_point = 13,
    .out_zero_point = -8,
    .out_min = -8,
    .out_max = 52,
};

static const stj_add_params op_4 = {
    .result = {{1, 9}, 1, 28},
    .operands = {{{0, 0, 1, 0}, {4, 1}}, {{0, 0, 1, 0}, {4, 1}}},
    .in_zero_point = {-8, -16},
    .in_multiplier = {1073741824, 1073741824},
    .in_shift = {0, 0},
    .sign = 1,
    .out_multiplier = 1073741824,
    .out_shift = -18,
    .out_zero_point = -14,
    .out_min = -14,
    .out_max = 127,
};

static const stj_mean_params op_5 = {
    .extent = {1, 1, 9, 7, 4},
    .reduced = {0, 0, 1, 1, 0},
    .row_elements = 4,
    .multiplier = 681740866,
    .shift = -2,
    .in_zero_point = -14,
    .out_zero_point = -15,
};

static const int8_t op_6_weights[16] = {
    -79, -95, 34, 0, 34, -22, 64, 0, -119, 85, -107, 0, -32, 65, -47, 0,
};
static const int32_t op_6_whole_bias[4] = {
    -3262, 555, -944, 0,
};
static const int32_t op_6_multiplier[4] = {
    1689955335, 1689955335, 1689955335, 0,
};
static const int8_t op_6_shift[4] = {
    7, 7, 7, 0,
};
static const stj_fully_connected_params op_6 = {
    .weights = op_6_weights,
    .whole_bias = op_6_whole_bias,
    .multiplier = op_6_multiplier,
    .shift = op_6_shift,
    .single_rounding = 0,
    .in_depth = 4,
    .out_depth = 3,
    .vectors_per_row = 1,
    .out_zero_point = 9,
    .out_min = -128,
    .out_max = 127,
};

/* All arrays above, and the CRC-32 of their bytes, one array after the other, numbers little-endian. */
#ifdef STJ_CHECK_CONSTANTS
#define CHECKED_CRC32 0xEEF1A935u
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
    {op_1_whole_bias, sizeof op_1_whole_bias},
    {op_1_multiplier, sizeof op_1_multiplier},
    {op_1_shift, sizeof op_1_shift},
    {op_2_weights, sizeof op_2_weights},
    {op_2_bias, sizeof op_2_bias},
    {op_2_whole_bias, sizeof op_2_whole_bias},
    {op_2_multiplier, sizeof op_2_multiplier},
    {op_2_shift, sizeof op_2_shift},
    {op_3_weights, sizeof op_3_weights},
    {op_3_whole_bias, sizeof op_3_whole_bias},
    {op_3_multiplier, sizeof op_3_multiplier},
    {op_3_shift, sizeof op_3_shift},
    {op_6_weights, sizeof op_6_weights},
    {op_6_whole_bias, sizeof op_6_whole_bias},
    {op_6_multiplier, sizeof op_6_multiplier},
    {op_6_shift, sizeof op_6_shift},
    {NULL, 0},
};
#endif
