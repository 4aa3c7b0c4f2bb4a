int length(const char *text) {
    // PRE: true
    int n = 0;
    while (text[n]) {
        n++;
    }
    // POST: n > 0
    return n;
}
