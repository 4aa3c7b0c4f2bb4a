class StairWays {
    static int stairWays(int steps) {
        int[] ways = new int[Math.max(2, steps + 1)];
        ways[0] = 1;
        ways[1] = 1;
        for (int i = 2; i <= steps; i++) {
            ways[i] = ways[i - 1] + ways[i - 2];
        }
        return ways[steps];
    }
}
