/* One program with what calls it: the unit that is compiled. `call.inc` reads the arguments and calls the entry; a `main` is
   called `weiser_main` here (harness.h). */
#include "harness.h"
#include "assert.h"
#include WEISER_PROGRAM
#include "pool.inc"

void weiser_call(void) {
#include "call.inc"
}
