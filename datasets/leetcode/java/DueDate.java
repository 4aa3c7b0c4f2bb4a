class DueDate {
    static int dueDay(int day, int days) {
        int due = day;
        boolean turned = false;
        for (int i = 0; i < days; i++) {
            due++;
            if (due > 30 && !turned) {
                due = 1;
                turned = true;
            }
        }
        return due;
    }
}
