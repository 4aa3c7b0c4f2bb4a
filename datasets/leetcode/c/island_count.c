static int ones(const int *cells, int count) {
    int found = 0;
    for (int i = 0; i < count; i++) {
        found += cells[i] == 1;
    }
    return found;
}

static void sink(int *cells, int count, int width, int at) {
    if (at < 0 || at >= count || cells[at] != 1) {
        return;
    }
    cells[at] = 2;
    if (at >= width) {
        sink(cells, count, width, at - width);
    }
    if (at < count - width) {
        sink(cells, count, width, at + width);
    }
    if (at % width > 0) {
        sink(cells, count, width, at - 1);
    }
    if (at % width < width - 1) {
        sink(cells, count, width, at + 1);
    }
}

int count_islands(int *cells, int count, int width) {
    int islands = 0;
    for (int at = 0; at < count; at++) {
        if (cells[at] == 1) {
            islands++;
            sink(cells, count, width, at);
        }
    }
    return islands;
}
