int halving_steps(int n) {
    long value = n;
    int steps = 0;
    while (value > 1) {
        value = value % 2 ? 3 * value + 1 : value / 2;
        ++steps;
    }
    return steps;
}
