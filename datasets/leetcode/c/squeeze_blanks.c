#include <stddef.h>
#include <string.h>

void squeeze_blanks(char *text) {
    char *to = text;
    char before = 0;
    for (const char *from = text; *from; from++) {
        if (*from == ' ' && before == ' ') {
            continue;
        }
        before = *from;
        *to++ = *from;
    }
    *to = 0;
}
