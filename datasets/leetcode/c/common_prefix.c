#include <string.h>

int common_prefix(const char *first, const char *second) {
    int length = 0;
    while (first[length] && first[length] == second[length]) {
        length++;
    }
    return length;
}
