class Lock:
    def __init__(self):
        self.held = False

    def acquire(self):
        if self.held:
            raise RuntimeError("already held")
        self.held = True

    def release(self):
        self.held = False


def transfer(balance: int, amount: int) -> Lock:
    lock = Lock()
    lock.acquire()
    try:
        if amount < 0:
            raise ValueError("negative amount")
        if amount <= balance:
            balance -= amount
    except ValueError:
        balance = 0
    finally:
        lock.release()
    return lock
