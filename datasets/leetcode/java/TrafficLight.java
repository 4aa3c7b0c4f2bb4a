class TrafficLight {
    private static final int[] LASTS = {30, 25, 5};

    static int lightAfter(int seconds) {
        int within = seconds % 60;
        int state = 0;
        while (within >= LASTS[state]) {
            within -= LASTS[state];
            state++;
        }
        return state;
    }
}
