package org.purse;

class Ledger {
    private int total;

    Ledger(int start) {
        if (start > 0) {
            total = start;
        }
    }

    int take(int amount) {
        if (amount > total + 1) {
            return 0;
        }
        total -= amount;
        // POST: total >= 0
        return amount;
    }

    void clear() {
        total = 0;
    }
}
