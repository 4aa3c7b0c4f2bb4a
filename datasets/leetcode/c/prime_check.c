#include <stdbool.h>

static int least_divisor(int n) {
    for (int d = 2; d < n; d++) {
        if (n % d == 0) {
            return d;
        }
    }
    return n;
}

bool is_prime(int n) {
    if (n < 2) {
        return false;
    }
    if (n % 2 == 0) {
        return n == 2;
    }
    for (int d = 3; d * d < n; d += 2) {
        if (n % d == 0) {
            return false;
        }
    }
    return true;
}
