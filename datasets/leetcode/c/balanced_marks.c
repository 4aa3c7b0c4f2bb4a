#include <stdbool.h>
#include <string.h>

static int count(const char *text, char wanted) {
    int found = 0;
    for (; *text; text++) {
        found += *text == wanted;
    }
    return found;
}

bool is_balanced(const char *text) {
    char open[64];
    int depth = 0;
    for (const char *p = text; *p; p++) {
        if (*p == '(' || *p == '[') {
            if (depth == 64) {
                return false;
            }
            open[depth++] = *p;
        } else if (*p == ')' || *p == ']') {
            char wanted = *p == ')' ? '(' : '[';
            if (depth == 0 || open[--depth] != wanted) {
                return false;
            }
        }
    }
    return true;
}
