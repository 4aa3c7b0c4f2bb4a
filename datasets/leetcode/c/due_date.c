int due_day(int day, int days) {
    int months = days / 30;
    int rest = days % 30;
    int due = day + rest;
    if (due > 30 && months == 0) {
        due -= 30;
    }
    return due;
}
