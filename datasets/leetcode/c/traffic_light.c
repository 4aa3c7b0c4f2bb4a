enum light { RED, GREEN, YELLOW };

int light_after(int seconds) {
    int within = seconds % 60;
    enum light state = YELLOW;
    if (within < 30) {
        state = RED;
    } else if (within < 55) {
        state = GREEN;
    }
    return state;
}
