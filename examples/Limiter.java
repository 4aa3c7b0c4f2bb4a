/** Lets through only so many requests in each window of time. */
class Limiter {
    /** At the given times, in order, how many requests are let through in the busiest window? */
    static int busiest(int[] times, int window, int most) {
        // PRE: window > 0 && window < 100 && most > 0 && most < 10
        int start = 0;
        int used = 0;
        int peak = 0;
        int refused = 0;
        boolean started = false;
        for (int now : times) {
            if (!started || now - start > window) {
                start = now;
                used = 0;
                started = true;
            }
            if (used > most) {
                refused++;
                continue;
            }
            used++;
            if (used > peak) {
                peak = used;
            }
        }
        if (refused > 0) {
            System.out.println(refused + " refused");
        }
        assert peak <= most; // POST
        return peak;
    }
}
