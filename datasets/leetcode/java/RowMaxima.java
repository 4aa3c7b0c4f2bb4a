class RowMaxima {
    static int gridMaximum(int[][] grid) {
        int best = Integer.MIN_VALUE;
        for (int[] row : grid) {
            for (int x : row) {
                if (x > best) {
                    best = x;
                }
            }
        }
        return best;
    }
}
