#include <stdbool.h>

bool same_diagonals(const int *grid, int count, int side) {
    long long difference = 0;
    for (int i = 0; i < side; i++) {
        const int *row = grid + i * side;
        difference += row[i];
        difference -= row[side - 1 - i];
    }
    return difference == 0;
}
