/* One program with what calls it: the unit that is compiled. `call.inc` reads the arguments and calls the entry; a `main` is
   called `weiser_main` here (harness.h). */
#include "harness.h"
#include "assert.h"
#include WEISER_PROGRAM
#include "pool.inc"

void weiser_call(void) {
#include "call.inc"
}

/* Whether the variables of this unit lie where the harness looks for them. */
static int weiser_data = 1, weiser_bss;

int weiser_inside(const char *data, const char *data_end, const char *bss, const char *bss_end) {
    const char *set = (const char *)&weiser_data, *unset = (const char *)&weiser_bss;
    return data < set && set < data_end && bss < unset && unset < bss_end;
}
