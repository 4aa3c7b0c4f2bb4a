#include <string.h>

static int occurrences(const char *word, char letter) {
    int n = 0;
    for (; *word; word++) {
        n += *word == letter;
    }
    return n;
}

int first_single(const char *word) {
    for (int i = 0; word[i]; i++) {
        if (strchr(word + i + 1, word[i]) == NULL) {
            return i;
        }
    }
    return -1;
}
