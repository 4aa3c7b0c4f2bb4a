class BorderCells {
    static int borderCells(int rows, int cols) {
        int count = 0;
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < cols; c++) {
                if (r == 0 || r == rows - 1) {
                    count++;
                }
                if (c == 0 || c == cols - 1) {
                    count++;
                }
            }
        }
        return count;
    }
}
