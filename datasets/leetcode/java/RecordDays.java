class RecordDays {
    static int recordDays(int[] temps) {
        int days = 0;
        for (int i = 0; i < temps.length; i++) {
            boolean isRecord = true;
            for (int j = 0; j < i && isRecord; j++) {
                isRecord = temps[j] < temps[i];
            }
            if (isRecord) {
                days++;
            }
        }
        return days;
    }
}
