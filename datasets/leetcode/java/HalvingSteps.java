class HalvingSteps {
    static int halvingSteps(int n) {
        return count(n, 0);
    }

    private static int count(long value, int steps) {
        if (value == 1) {
            return steps;
        }
        return count(value % 2 == 0 ? value / 2 : 3 * value + 1, steps + 1);
    }
}
