#ifndef SHAPE_H
#define SHAPE_H
#define MAX_SIDE 1000
#define UNUSED 7
typedef struct shape {
    int width;
    int height;
    const char *name;
} shape;
int area(const shape *s);
int clamp(int v);
extern int calls;
#endif
