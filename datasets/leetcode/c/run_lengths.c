#include <string.h>

int count_runs(const char *text) {
    int runs = 0;
    char before = '\0';
    for (size_t i = 0; text[i] != '\0'; i++) {
        if (text[i] != before) {
            runs++;
        }
        before = text[i];
    }
    return runs;
}
