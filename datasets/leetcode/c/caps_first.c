#include <stdbool.h>

void caps_first(char *text) {
    bool start = true;
    for (int i = 0; text[i]; i++) {
        if (start && text[i] >= 'a' && text[i] <= 'z') {
            text[i] = (char)(text[i] - 'a' + 'A');
        }
        start = text[i] == ' ';
    }
}
