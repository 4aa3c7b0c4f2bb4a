#define SIDES 4
struct shape {
    int w, h;
};

int area(const struct shape *s);
