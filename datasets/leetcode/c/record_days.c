int record_days(const int *temps, int n) {
    if (n <= 0) {
        return 0;
    }
    int days = 1;
    int highest = temps[0];
    for (int i = 1; i < n; i++) {
        if (temps[i] > highest) {
            highest = temps[i];
            days++;
        }
    }
    return days;
}
