int elevator_trips(int people, int places) {
    int trips = people / places;
    if (people % places > 1) {
        trips++;
    }
    return trips;
}
