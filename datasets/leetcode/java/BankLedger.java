class BankLedger {
    private long balance;

    private boolean book(int amount) {
        long after = balance + amount;
        if (after < 0) {
            return false;
        }
        balance = after;
        return true;
    }

    static long finalBalance(int start, int[] bookings) {
        BankLedger account = new BankLedger();
        account.balance = start;
        for (int amount : bookings) {
            account.book(amount);
        }
        return account.balance;
    }
}
