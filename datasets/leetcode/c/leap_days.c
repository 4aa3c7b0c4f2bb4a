static int is_leap(int year) {
    if (year % 400 == 0) {
        return 1;
    }
    return year % 4 == 0;
}

int february_days(int year) {
    return is_leap(year) ? 29 : 28;
}
