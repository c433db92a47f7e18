"""Which of the shared third-party models are read, and the beginning of the refusal of the others."""

FLOAT = "float activations are not supported; convert with full-integer post-training quantization"
DYNAMIC_RANGE = "float activations are not supported (int8 weights alone: dynamic range); convert with full-integer"
UINT8 = "uint8 activations are not supported beyond a QUANTIZE at the border; convert again with int8 activations"
INT16 = "int16 activations are not supported; convert again with int8 activations"
UNKNOWN = "this operator is not supported; docs/OPS.md lists those that are"
VARIABLES = "variables that outlive a run are not supported; convert the model without state"

READ = (
    "arm_kws_basic_lstm_s",
    "arm_kws_cnn_s_int8",
    "arm_kws_dnn_s_int8",
    "arm_kws_ds_cnn_s_int8",
    "cfu_hps_presence_320x240_int8",
    "cfu_magic_wand_int8",
    "derived/tflm_person_detect_int8_fixed_qdim",
    "jester_c1j_tsm_streaming_int8",
    "microflow_sine_int8",
    "mlonmcu_aww",
    "mlonmcu_bigsine_quant",
    "mlonmcu_qnn_model",
    "mlperf_ic_resnet8_int8",
    "mlperf_kws_dscnn_int8",
    "mlperf_sww_streaming_int8",
    "mlperf_vww_20blk_791k_int8",
    "mltk_fingerprint_signature_int8",
    "mltk_keyword_spotting_pacman_v3_int8",
    "mltk_rock_paper_scissors_int8",
    "openmv_force_int_quant",
    "ops/ops_aww_layer0_int8",
    "ops/ops_resnet_layer0_int8",
    "ops/ops_resnet_layer12_int8",
    "ops/ops_resnet_layer13_int8",
    "ops/ops_resnet_layer14_int8",
    "ops/ops_resnet_layer15_int8",
    "ops/ops_vww_layer27_int8",
    "ops/ops_vww_layer4_int8",
    "tflm_hello_world_int8",
    "tflm_micro_speech_int8",
    "tflm_mobilenet_v2_nchw_pytorch_int8",
    "tflm_person_detect_int8",
    "tflm_simple_add",
    "tinyengine_mcunet_vww_int8",
    "tinymaix_mbnet96_0p25_q",
    "tinymaix_mnist_arduino_q",
    "tinymaix_mnist_dw_q",
    "tinymaix_mnist_resnet_q",
    "tinymaix_mnist_valid_q",
)

# Name: (operator index, kind, text); where the network itself is refused, (None, where, text).
REFUSED: dict[str, tuple[int | None, str, str]] = {
    "coral_deeplabv3_mnv2_dm05_uint8": (0, "CONV_2D", UINT8),
    "coral_keras_lstm_mnist_ptq": (1, "UNIDIRECTIONAL_SEQUENCE_LSTM", UNKNOWN),
    "coral_mobilenet_v1_050_160_uint8": (0, "CONV_2D", UINT8),
    "gap_expressions": (0, "ADD", FLOAT),
    "gap_mnist_f32": (0, "DEPTHWISE_CONV_2D", FLOAT),
    "jester_c1j_clip_int8": (0, "RESHAPE", "RESHAPE with this result shape is not supported"),
    "microwakeword_alexa_v1_int8": (0, "CALL_ONCE", VARIABLES),
    "microwakeword_okay_nabu_v2_int8": (0, "CALL_ONCE", VARIABLES),
    "mlonmcu_catdog_2l_int8": (0, "CONV_2D", FLOAT),
    "mlonmcu_cifar10": (0, "CONV_2D", FLOAT),
    "mlonmcu_lstm2": (0, "FULLY_CONNECTED", FLOAT),
    "mlonmcu_micro_kws_m_f32": (1, "CONV_2D", FLOAT),
    "mlonmcu_simple_mnist": (0, "DEPTHWISE_CONV_2D", FLOAT),
    "mlonmcu_simple_mnist_quant": (0, "DEPTHWISE_CONV_2D", FLOAT),
    "mlonmcu_umatest": (0, "CONV_2D", FLOAT),
    "mlperf_ad_autoencoder_dynrange": (0, "FULLY_CONNECTED", DYNAMIC_RANGE),
    "mlperf_ic_resnet8_f32": (0, "CONV_2D", FLOAT),
    "mlperf_kws_dscnn_f32": (0, "CONV_2D", DYNAMIC_RANGE),
    "ops/ops_seanet_add0_int16": (0, "ADD", INT16),
    "ops/ops_seanet_conv0_int16": (0, "CONV_2D", INT16),
    "ops/ops_seanet_conv5_int16": (0, "CONV_2D", INT16),
    "ops/ops_seanet_leaky_relu0_int16": (0, "LEAKY_RELU", INT16),
    "ops/ops_seanet_quantize0_int16": (0, "QUANTIZE", "QUANTIZE on int32 is not supported"),
    "ops/ops_seanet_transpose_conv0_int16": (0, "TRANSPOSE_CONV", UNKNOWN),
    "tflitesupport_dilated_conv": (None, "network input 0", 'tensor 0 "input_1" has a dynamic shape [-1, -1, -1, 3]'),
    "tflm_hello_world_f32": (0, "FULLY_CONNECTED", FLOAT),
    "tflm_keyword_scrambled": (0, "QUANTIZE", "QUANTIZE on int16 is not supported"),
    "tflm_micro_speech_lstm": (0, "UNIDIRECTIONAL_SEQUENCE_LSTM", UNKNOWN),
    "tflm_mnist_lstm_int8": (0, "UNIDIRECTIONAL_SEQUENCE_LSTM", UNKNOWN),
    "tinyengine_mnist_lenet300_ptq": (6, "LOG_SOFTMAX", UNKNOWN),
    "tinymaix_mnist_valid_f": (0, "CONV_2D", FLOAT),
}

# Name: table of its layers.
ZOO = {
    "mbv2-w0.35-r144_imagenet": "mbv2-w0.35",
    "mcunet-10fps_imagenet": "mcunet-in0",
    "mcunet-5fps_imagenet": "mcunet-in1",
    "mcunet-256kb-1mb_imagenet": "mcunet-in2",
    "mcunet-320kb-1mb_imagenet": "mcunet-in3",
    "mcunet-512kb-2mb_imagenet": "mcunet-in4",
    "mcunet-10fps_vww": "mcunet-vww0",
    "mcunet-5fps_vww": "mcunet-vww1",
    "mcunet-320kb-1mb_vww": "mcunet-vww2",
    "proxyless-w0.3-r176_imagenet": "proxyless-w0.3",
}
