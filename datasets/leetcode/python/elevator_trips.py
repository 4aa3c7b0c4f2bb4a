def elevator_trips(people: int, places: int) -> int:
    trips = 0
    waiting = people
    while waiting >= places:
        waiting -= places
        trips += 1
    return trips
