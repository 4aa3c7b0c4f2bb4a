struct account {
    long long balance;
    int refused;
};

static void book(struct account *account, int amount) {
    if (account->balance + amount < 0) {
        account->refused++;
        return;
    }
    account->balance += amount;
}

long long final_balance(int start, const int *bookings, int n) {
    struct account account = {start, 0};
    for (int i = 0; i < n; i++) {
        book(&account, bookings[i]);
    }
    return account.balance;
}
