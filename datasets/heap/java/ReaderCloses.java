class ReaderCloses {
    private int open;

    private void open() {
        open++;
    }

    private void close() {
        open--;
    }

    private int parse(String line) {
        open();
        int value = Integer.parseInt(line);
        close();
        return value;
    }

    static int openAfter(String line) {
        ReaderCloses readers = new ReaderCloses();
        try {
            readers.parse(line);
        } catch (NumberFormatException wrong) {
            return readers.open;
        }
        return readers.open;
    }
}
