class CommonDivisor {
    static int commonDivisor(int a, int b) {
        return divide(Math.max(a, b), Math.min(a, b));
    }

    private static int divide(int large, int small) {
        if (small == 0) {
            return large;
        }
        return divide(small, large % small);
    }
}
