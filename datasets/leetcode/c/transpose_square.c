#define SIDE 2

static void transpose(int square[SIDE][SIDE]) {
    for (int i = 0; i < SIDE; i++) {
        for (int j = 0; j < SIDE; j++) {
            int kept = square[i][j];
            square[i][j] = square[j][i];
            square[j][i] = kept;
        }
    }
}

int lower_left(int a, int b, int c, int d) {
    int square[SIDE][SIDE] = {{a, b}, {c, d}};
    transpose(square);
    return square[1][0];
}
