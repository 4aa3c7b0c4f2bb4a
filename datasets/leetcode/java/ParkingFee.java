class ParkingFee {
    private static final int DAY = 20;

    static int parkingFee(int hours) {
        int fee = 0;
        int rest = hours;
        while (rest > 24) {
            fee += DAY;
            rest -= 24;
        }
        if (rest == 24) {
            return fee + 2 * rest;
        }
        return fee + Math.min(DAY, 2 * rest);
    }
}
