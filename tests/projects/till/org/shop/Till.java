package org.shop;

import org.shop.util.Prices;

public class Till {
    static int pay(int total, int kind) {
        // PRE: total >= 0 && total < 10000
        System.out.println("paying");
        int due = Prices.discount(total, kind);
        // POST: due <= total
        return due;
    }

    static int count(int total) {
        // PRE: total >= 0
        int before = Prices.seen();
        Prices.discount(total, 1);
        int after = Prices.seen();
        // POST: after == before
        return after;
    }
}
