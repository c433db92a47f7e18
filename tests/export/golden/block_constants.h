/* Weights and kernel parameters. */

static const int8_t op_0_weights[72] = {
    115, 61, -122, 3, -26, 40, -46, 65, 59, 22, -47, 115, 77, -104, 108, -120, 118, 36, 103,
    -92, 82, -17, 44, 82, 46, 48, 90, 114, 41, -14, 77, -65, 32, -81, 84, -49, -56, -16,
    -8, 94, -59, -97, -33, -20, -92, -19, 110, -59, -77, -47, 100, 83, 74, -70, 74, -63, -52,
    -58, 65, -24, -86, 122, 81, 36, -126, -84, 50, 12, -30, -126, 115, -107,
};
static const int32_t op_0_bias[4] = {
    -197, -376, -47, 476,
};
static const int32_t op_0_multiplier[4] = {
    1120312832, 1796622592, 1366964480, 1156303488,
};
static const int8_t op_0_shift[4] = {
    -6, -7, -7, -6,
};
static const stj_conv_2d_params op_0 = {
    .weights = op_0_weights,
    .bias = op_0_bias,
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
    1, 14, -48, -94, -35, 53, -96, -30, 37, -23, -78, -25, -43, -91, -28, 103, 4, 36, -107,
    -76, 108, 125, 19, 0, 18, 119, -90, -61, 115, -106, -109, -123, -79, 102, -105, 64, -59, 23,
    96, -113, -51, 94, 72, -57, -10, 124, 12, -1,
};
static const int32_t op_1_bias[12] = {
    417, -73, -461, 218, 28, 372, -41, -132, -438, -43, 141, 270,
};
static const int32_t op_1_multiplier[12] = {
    1354533632, 1334866048, 1090705152, 1802979584, 1258029312, 2036784896, 1343388928, 1751113600, 1852123008,
    1972571520, 1144196224, 1950952704,
};
static const int8_t op_1_shift[12] = {
    -5, -5, -5, -6, -6, -7, -5, -6, -7, -6, -5, -6,
};
static const stj_conv_2d_params op_1 = {
    .weights = op_1_weights,
    .bias = op_1_bias,
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
static const int32_t op_2_multiplier[12] = {
    1225158656, 1231401600, 1247124992, 1660076416, 1252168576, 1403630336, 2018402816, 1085674368, 1204895616,
    1268309632, 1130885120, 2005230336,
};
static const int8_t op_2_shift[12] = {
    -5, -5, -5, -6, -6, -7, -6, -5, -5, -6, -6, -6,
};
static const stj_depthwise_conv_2d_params op_2 = {
    .weights = op_2_weights,
    .bias = op_2_bias,
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
    -19, 27, 105, 22, -36, 30, -112, 100, -30, -123, -59, -122, 90, 4, -34, -3, 126, 93, -25,
    44, -79, -83, 123, -13, -53, -28, -55, 107, 97, 9, -42, 115, -91, 83, 42, 83, -34, -87,
    100, -10, 73, -12, 49, 98, 6, 49, 66, -110,
};
static const int32_t op_3_bias[4] = {
    -438, 271, 325, -40,
};
static const int32_t op_3_multiplier[4] = {
    1193421440, 1135778688, 1123580032, 1200468992,
};
static const int8_t op_3_shift[4] = {
    -6, -5, -6, -5,
};
static const stj_conv_2d_params op_3 = {
    .weights = op_3_weights,
    .bias = op_3_bias,
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

static const int8_t op_6_weights[12] = {
    -79, 34, -119, -32, -95, -22, 85, 65, 34, 64, -107, -47,
};
static const int32_t op_6_bias[3] = {
    -322, 60, -104,
};
static const int32_t op_6_multiplier[1] = {
    1689955335,
};
static const int8_t op_6_shift[1] = {
    -8,
};
static const stj_fully_connected_params op_6 = {
    .weights = op_6_weights,
    .bias = op_6_bias,
    .multiplier = op_6_multiplier,
    .shift = op_6_shift,
    .per_channel = 0,
    .single_rounding = 0,
    .in_depth = 4,
    .out_depth = 3,
    .vectors_per_row = 1,
    .in_zero_point = -15,
    .out_zero_point = 9,
    .out_min = -128,
    .out_max = 127,
};
