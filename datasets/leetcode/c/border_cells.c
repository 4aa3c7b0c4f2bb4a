int border_cells(int rows, int cols) {
    int sides = 2 * rows;
    int ends = 2 * cols;
    return sides + ends;
}
