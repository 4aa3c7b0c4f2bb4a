// SPDX-License-Identifier: MIT
extern void abort(void);
extern int __VERIFIER_nondet_int(void);
extern void __VERIFIER_assume(int);
void reach_error() { }
void __VERIFIER_assert(int cond) {
    if (!cond) {
        reach_error();
        abort();
    }
}

int main(void) {
    int steps = __VERIFIER_nondet_int();
    __VERIFIER_assume(steps >= 0 && steps <= 50);
    int height = 0;
    for (int i = 0; i < steps; i++) {
        height += 2;
    }
    __VERIFIER_assert(height == 2 * steps);
    if (height > 100) {
    ERROR: {reach_error();abort();}
    }
    return 0;
}
