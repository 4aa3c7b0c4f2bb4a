#include <stdlib.h>

int reverse_digits(int n) {
    int turned = 0;
    for (int rest = abs(n); rest > 0; rest /= 10) {
        turned = 10 * turned + rest % 10;
    }
    return turned;
}
