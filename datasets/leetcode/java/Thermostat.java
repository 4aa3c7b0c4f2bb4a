class Thermostat {
    static boolean heater(boolean on, int temp, int low, int high) {
        boolean next = on;
        if (temp < low) {
            next = true;
        }
        if (temp >= low) {
            next = false;
        }
        return next;
    }
}
