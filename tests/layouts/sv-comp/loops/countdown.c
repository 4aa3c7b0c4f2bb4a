extern int __VERIFIER_nondet_int(void);
void reach_error() { }

int main(void) {
    int left = __VERIFIER_nondet_int();
    if (left > 10) {
        left = 10;
    }
    while (left != 0) {
        left--;
    }
    if (left == 0) {
        reach_error();
    }
    return left;
}
