#include <stdbool.h>
#include <string.h>

static int occurrences(const char *text, char letter) {
    int n = 0;
    while (*text) {
        if (*text++ == letter) {
            n++;
        }
    }
    return n;
}

bool are_anagrams(const char *first, const char *second) {
    for (const char *p = first; *p; p++) {
        if (occurrences(first, *p) != occurrences(second, *p)) {
            return false;
        }
    }
    return true;
}
