/* The price of an order in cents, after a discount that depends on the number of pieces. */
#include <assert.h>
#include <stdio.h>

enum { SMALL = 10, LARGE = 50 };

/* PRE: pieces >= 0 && pieces <= 1000 && cents >= 0 && cents <= 100000 && percent >= 0 && percent <= 100 */
long order_total(int pieces, int cents, int percent, int member)
{
    long total = (long)pieces * cents;
    long off = 0;
    int points = 0;
    if (pieces >= LARGE)
        off = total * percent / 100;
    else if (pieces >= SMALL)
        off = total / 100 * (percent / 2);
    if (member) {
        /* A member gets five percent more. */
        off += total / 20;
        points = pieces / SMALL;
    }
    if (points > 5)
        points = 5;
    total -= off;
    assert(total >= 0); // POST
    if (points > 0)
        printf("%d points\n", points);
    return total;
}
