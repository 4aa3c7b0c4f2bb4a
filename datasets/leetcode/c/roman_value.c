#include <string.h>

static int worth(char letter) {
    switch (letter) {
    case 'I': return 1;
    case 'V': return 5;
    case 'X': return 10;
    case 'L': return 50;
    case 'C': return 100;
    default: return 0;
    }
}

int roman_value(const char *numeral) {
    int total = 0;
    size_t n = strlen(numeral);
    for (size_t i = 0; i < n; i++) {
        int here = worth(numeral[i]);
        int next = i + 1 < n ? worth(numeral[i + 1]) : 0;
        total += here < next ? -here : here;
    }
    if (total < 0) {
        total = 0;
    }
    return total;
}
