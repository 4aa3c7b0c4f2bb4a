/* One program with what calls it: the unit that is compiled. `call.inc` reads the arguments and calls the entry. */
#include "harness.h"
#include "assert.h"
#include WEISER_PROGRAM
#undef main
#include "pool.inc"

void weiser_call(void) {
#include "call.inc"
}
