/* Lets the tests' interrupts come wherever the feed has a barrier: that is where both sides' order matters. */
#pragma once

void at_barrier(void);
#define STJ_BARRIER() at_barrier()
