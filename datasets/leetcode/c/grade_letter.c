int grade(int points) {
    if (points >= 90) {
        return 1;
    } else if (points >= 75) {
        return 2;
    } else if (points >= 60) {
        return 3;
    } else if (points >= 50) {
        return 4;
    }
    return 5;
}
