class GradeLetter {
    static int grade(int points) {
        switch (points / 10) {
            case 10:
            case 9:
                return 1;
            case 8:
                return 2;
            case 7:
                return points >= 75 ? 2 : 3;
            case 6:
                return 3;
            case 5:
                return 4;
            default:
                return 5;
        }
    }
}
