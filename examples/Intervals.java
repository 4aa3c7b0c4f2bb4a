/** Rooms that are booked by the hour. */
class Intervals {
    /**
     * How many hours two bookings share; a booking ends where the next may start.
     *
     * @requires from1 >= 0 && from1 <= to1 && to1 <= 24 && from2 >= 0 && from2 <= to2 && to2 <= 24
     * @ensures result >= 0
     */
    static int shared(int from1, int to1, int from2, int to2, boolean weekend) {
        int opens = weekend ? 9 : 7;
        int closes = 22;
        String note = "";
        if (from1 < opens || from2 < opens) {
            note = "early";
        }
        if (to1 > closes || to2 > closes) {
            note = note + " late";
        }
        if (from1 > to2) {
            return 0;
        }
        if (from1 >= from2) {
            int end = to1 < to2 ? to1 : to2;
            return end - from1;
        }
        int end = to2;
        if (to1 < to2) {
            end = to1;
        }
        System.out.println(note);
        return end - from2;
    }
}
