class Meter:
    def __init__(self, start, most):
        if start > most:
            self.level = most
        else:
            self.level = start
        self.most = most

    def add(self, by):
        if by < 0:
            raise ValueError(by)
        self.level += by
        # POST: self.level <= self.most
        return self.level

    def reset(self):
        self.level = 0
