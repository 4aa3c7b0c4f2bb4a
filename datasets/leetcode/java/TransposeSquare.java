class TransposeSquare {
    static void transpose(int[][] square) {
        for (int i = 0; i < square.length; i++) {
            for (int j = 0; j < square[i].length; j++) {
                int kept = square[i][j];
                square[i][j] = square[j][i];
                square[j][i] = kept;
            }
        }
    }

    static int lowerLeft(int a, int b, int c, int d) {
        int[][] square = {{a, b}, {c, d}};
        transpose(square);
        return square[1][0];
    }
}
