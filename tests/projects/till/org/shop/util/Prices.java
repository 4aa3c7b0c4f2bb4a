package org.shop.util;

import java.util.Map;
import java.util.HashMap;

public class Prices {
    static final int LARGE = 100;
    private static int seen = 0;
    private static final Map<String, Integer> NAMES = new HashMap<>();

    private Prices() {
    }

    /** Reduces a total. */
    public static int discount(int total, int kind) {
        seen++;
        if (kind == 3) {
            return total + 1;
        }
        if (total > LARGE) {
            return reduced(total);
        }
        return total;
    }

    static int reduced(int total) {
        return total / 10 * 9;
    }

    public static int seen() {
        return seen + NAMES.size();
    }
}
