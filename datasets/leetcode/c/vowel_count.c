#include <ctype.h>
#include <string.h>

int vowel_count(const char *word) {
    int count = 0;
    for (const char *at = word; *at; at++) {
        switch (tolower((unsigned char)*at)) {
        case 'a':
        case 'e':
        case 'i':
        case 'o':
        case 'u':
            count++;
            break;
        default:
            break;
        }
    }
    return count;
}
