/* A program that uses every construct the tables of C know. It is parsed, not compiled. */
#include <stdio.h>
#include "local.h"

#define LIMIT 10
#define SQUARE(x) ((x) * (x))
#pragma once

#ifdef WIDE
typedef long word;
#elifdef NARROW
typedef short word;
#elif defined(TINY)
typedef char word;
#else
typedef int word;
#endif

typedef struct node *link, nodes[4];
typedef int (*callback)(int, void *);
struct node { int value : 3; struct node *next; int (*visit)(int); char name[8]; };
union both { int i; float f; union nested { int n; } u; struct { struct part { int n; } p; } s; };
enum colour { RED, GREEN = 2, BLUE };

static int counter = 0, *shared;
int table[LIMIT] = { [0] = 1, [1 ... 3] = 2 };
extern int helper(int, char *name);
_Noreturn void die(const char *why);
int attributed [[deprecated]] (int x);

extern "C" {
    int linked(void);
    int inner_linked(void) { return 1; }
}

/** Adds up. */
static unsigned long add_up(const int *values, int n, int grid[3][4], int (*f)(int), ...) {
    unsigned long total = 0, copy[LIMIT], *where = &total;
    static int calls;
    const char *const text = "one"
        "two" PRIu64;
    int known[] = { 1, 2, 3 };
    struct node here = { .value = 1, .next = NULL };
    int helper_too(int);
    struct local { int x; };
    union overlap { int y; };
    enum state { ON, OFF };
    typedef int number;
#define INSIDE 3
    for (int i = 0, j = n; i < n && j > 0; i++, j--) {
        if (values[i] == 0) continue;
        else if (values[i] < 0) { total -= 1; }
        else if (!values[i]) break;
        else total += f(values[i]) / 2;
    }
    for (;;) { break; }
    for (n = 0, calls = 1, total = 2; n < 3; ++n) ;
    do { n--; } while (n > 0);
    while (n) n = n - 1;
    switch (n) {
        int unreachable;
    case 'a':
    case 2:
        total = 1;
    case RED: {
        total = 2;
        break;
    }
    default:
        total = n ? 1 : 2;
#ifdef MORE
        total++;
#elifdef LESS
        total--;
#elif FEW
        total = 0;
#else
        ;
#endif
    }
#if LIMIT > 3
    total = 3;
#else
    total = 4;
#endif
again:
    if (total > LIMIT) goto again;
    here.value = (&here)->value, total = (unsigned long)n;
    calls = n = 3;
    *where = -*where + sizeof(struct node) + sizeof n + _Alignof(struct node) + offsetof(struct node, value);
    n = ({ int t = n; t + 1; });
    n = n ?: 4;
    n = _Generic(n, int: 1, default: 2);
    here = (struct node){ .value = known[1] };
    n = __extension__ 3;
    n = true || false;
    [[likely]] n = 4;
    asm("nop" : "=r"(n));
    goto end;
    {
        n = 1;
    }
    assert(n > 0);
    assume(n < 10);
    n = n % 3;
    n = (const int)total;
    if (n) die("never");
end:
    return total, n;
}

int old(a, b)
    int a;
    char *b;
{
    exit(a);
}

void (*signal(int number, void (*handler)(int)))(int) {
    int (*typed)(int (*)(int), char (*)[3]) = 0;
    use((int (*)(int))handler, (int (*)[3])handler, (int *)handler);
    return handler;
}
