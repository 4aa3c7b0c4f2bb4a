class SameDiagonals {
    static boolean sameDiagonals(int[] grid, int side) {
        long down = 0;
        long up = 0;
        for (int row = 0; row < side; row++) {
            for (int col = 0; col < side; col++) {
                int here = grid[row * side + col];
                if (row == col) {
                    down += here;
                }
                if (row + col == side - 1) {
                    up += here;
                }
            }
        }
        return down == up;
    }
}
