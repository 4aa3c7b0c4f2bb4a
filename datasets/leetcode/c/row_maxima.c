#include <stdbool.h>

static bool none_above(const int *grid, int count, int most) {
    for (int i = 0; i < count; i++) {
        if (grid[i] > most) {
            return false;
        }
    }
    return true;
}

static int row_maximum(const int *row, int width) {
    int best = row[0];
    for (int i = 1; i < width; i++) {
        if (row[i] > best) {
            best = row[i];
        }
    }
    return best;
}

int grid_maximum(const int *grid, int count, int width) {
    int best = row_maximum(grid, width);
    for (int at = width; at < count; at += width) {
        int here = row_maximum(grid + at, width);
        if (here > best) {
            best = here;
        }
    }
    return best;
}
