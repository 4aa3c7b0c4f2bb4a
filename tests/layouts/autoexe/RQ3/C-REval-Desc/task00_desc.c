#include <stdio.h>

int func(int result);

static int add(int a, int b) {
    return a + b;
}

int twice(int x) {
    int result = add(x, x);
    return result;
}
