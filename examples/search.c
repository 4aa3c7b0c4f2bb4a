/* A sorted table of thresholds: which step does a value stand on? */

/* A value outside the table is put at its nearer end, and counted. */
static int outside;

/*
 * PRE: n > 0
 * POST: result >= 0 && result < n
 */
int step_of(const int steps[], int n, int value, int from_above)
{
    int low = 0;
    int high = n;
    int looks = 0;
    if (value < steps[0]) {
        outside++;
        return 0;
    }
    while (low < high) {
        int middle = low + (high - low) / 2;
        looks++;
        if (steps[middle] <= value)
            low = middle + 1;
        else
            high = middle;
    }
    /* `low` is the first step above the value. */
    if (looks > 30)
        outside++;
    if (from_above)
        return low;
    return low - 1;
}
