class ElevatorTrips {
    static int elevatorTrips(int people, int places) {
        int trips = 0;
        for (int gone = places; gone <= people; gone += places) {
            trips++;
        }
        return trips;
    }
}
