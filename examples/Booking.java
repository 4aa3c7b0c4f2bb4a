import java.util.List;

/** Seats in a train: the conditions are in the documentation of the method. */
class Booking {
    private final int seats;
    private int sold;

    Booking(int seats) {
        this.seats = seats;
    }

    /**
     * Sells seats to as many groups as fit.
     *
     * @requires every element of `groups` is positive, and `sold` is at most `seats`
     * @ensures `sold` is at most `seats`
     */
    int sell(List<Integer> groups, boolean keepOneFree) {
        int refused = 0;
        int limit = keepOneFree ? seats - 1 : seats;
        for (int size : groups) {
            if (sold > limit) {
                refused++;
                continue;
            }
            switch (size) {
                case 1:
                    sold += 1;
                    break;
                default:
                    if (sold + size <= limit)
                        sold += size;
                    else
                        refused++;
            }
        }
        return refused;
    }
}
