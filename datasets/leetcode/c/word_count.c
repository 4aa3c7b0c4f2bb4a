#include <string.h>

int word_count(const char *line) {
    int words = *line ? 1 : 0;
    const char *at = strchr(line, ' ');
    while (at != NULL) {
        words++;
        at = strchr(at + 1, ' ');
    }
    return words;
}
