from meter import Meter


class Tank:
    def __init__(self, size):
        self.meter = Meter(0, size)

    def fill(self, by):
        if by == 3:
            by = 4
        return self.meter.add(by)
