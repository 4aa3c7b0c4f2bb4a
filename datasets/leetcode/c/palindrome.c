#include <stdbool.h>
#include <string.h>

static bool same_backwards(const char *text) {
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++) {
        if (text[i] != text[n - 1 - i]) {
            return false;
        }
    }
    return true;
}

bool is_palindrome(const char *text) {
    int n = (int)strlen(text);
    for (int i = 0; i < (n - 1) / 2; i++) {
        if (text[i] != text[n - i - 1]) {
            return false;
        }
    }
    return true;
}
