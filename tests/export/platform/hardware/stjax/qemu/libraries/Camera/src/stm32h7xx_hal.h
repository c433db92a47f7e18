/* What the sketches use of ST's HAL for the STM32H7 and of CMSIS, and nothing else. Behind it is a stand-in for DCMI
 * and DMA: while the processor waits for an interrupt, a line comes or a frame begins. One picture loses a word. */
#pragma once

#include <stdint.h>

typedef struct {
    volatile uint32_t CR, IER, ICR, DR;
} DCMI_TypeDef;
extern DCMI_TypeDef dcmi_stand_in;
#define DCMI (&dcmi_stand_in)
enum { DCMI_CR_CAPTURE = 1, DCMI_CR_CM = 2, DCMI_CR_ENABLE = 0x4000, DCMI_IER_VSYNC_IE = 8 };
enum {
    DCMI_ICR_FRAME_ISC = 1,
    DCMI_ICR_OVR_ISC = 2,
    DCMI_ICR_ERR_ISC = 4,
    DCMI_ICR_VSYNC_ISC = 8,
    DCMI_ICR_LINE_ISC = 16
};

typedef enum { DMA2_Stream3_IRQn = 59, DCMI_IRQn = 78 } IRQn_Type;
typedef enum { HAL_OK, HAL_ERROR } HAL_StatusTypeDef;

enum {
    DMA_REQUEST_DCMI = 75,
    DMA_PERIPH_TO_MEMORY = 0,
    DMA_PINC_DISABLE = 0,
    DMA_MINC_ENABLE = 0x400,
    DMA_PDATAALIGN_WORD = 0x1000,
    DMA_MDATAALIGN_WORD = 0x4000,
    DMA_CIRCULAR = 0x100,
    DMA_PRIORITY_HIGH = 0x20000,
    DMA_FIFOMODE_DISABLE = 0
};
typedef struct {
    uint32_t Request, Direction, PeriphInc, MemInc, PeriphDataAlignment, MemDataAlignment, Mode, Priority, FIFOMode;
} DMA_InitTypeDef;
typedef struct __DMA_HandleTypeDef {
    void *Instance;
    DMA_InitTypeDef Init;
    void (*XferCpltCallback)(struct __DMA_HandleTypeDef *hdma);
    void (*XferM1CpltCallback)(struct __DMA_HandleTypeDef *hdma);
    void (*XferErrorCallback)(struct __DMA_HandleTypeDef *hdma);
} DMA_HandleTypeDef;
#define DMA2_Stream3 ((void *)0x40020458)

extern "C" {
HAL_StatusTypeDef HAL_DMA_Init(DMA_HandleTypeDef *hdma);
HAL_StatusTypeDef HAL_DMA_Abort(DMA_HandleTypeDef *hdma);
HAL_StatusTypeDef HAL_DMAEx_MultiBufferStart_IT(DMA_HandleTypeDef *hdma, uint32_t SrcAddress, uint32_t DstAddress,
                                                uint32_t SecondMemAddress, uint32_t DataLength);
void HAL_DMA_IRQHandler(DMA_HandleTypeDef *hdma);
void NVIC_SetVector(IRQn_Type IRQn, uint32_t vector);
void NVIC_SetPriority(IRQn_Type IRQn, uint32_t priority);
void NVIC_EnableIRQ(IRQn_Type IRQn);
void SCB_InvalidateDCache_by_Addr(uint32_t *addr, int32_t dsize);
void __WFI(void);
}
