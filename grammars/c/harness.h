/* What instrumented C programs call: the C side of grammars/HARNESS.md. Stands before the program in its unit. */
#include <ctype.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

/* Ways to leave, written by the program. */
_Noreturn void weiser_left(const char *how, int line);
#define exit(code) ((void)(code), weiser_left("exit", __LINE__))
#define _exit(code) ((void)(code), weiser_left("_exit", __LINE__))
#define _Exit(code) ((void)(code), weiser_left("_Exit", __LINE__))
#define quick_exit(code) ((void)(code), weiser_left("quick_exit", __LINE__))
#define abort() weiser_left("abort", __LINE__)

/* Standard input may be made up as it is read. */
int weiser_scanf(const char *format, ...);
int weiser_fscanf(FILE *file, const char *format, ...);
int weiser_getc(FILE *file);
char *weiser_fgets(char *text, int size, FILE *file);
char *weiser_gets(char *text);
ssize_t weiser_getline(char **text, size_t *size, FILE *file);
#define scanf weiser_scanf
#define fscanf weiser_fscanf
#undef getchar
#define getchar() weiser_getc(stdin)
#undef getc
#define getc weiser_getc
#define fgetc weiser_getc
#define fgets weiser_fgets
#define gets weiser_gets
#define getline weiser_getline

/* How output is buffered can't be seen, and a buffer of the program's may not outlive it. */
#undef setbuf
#undef setvbuf
#define setbuf(file, buffer) ((void)(file), (void)(buffer))
#define setvbuf(file, buffer, mode, size) ((void)(file), (void)(buffer), (void)(size), 0)

/* Conditions. */
void weiser_pre(int number, int holds);
void weiser_assume(int holds, int line);
void weiser_open(void);
void weiser_close(int holds);
void weiser_close_observed(void);
#define assume(e) weiser_assume(!!(e), __LINE__)

/* Names and their values. Of a pointer only whether it is null, of a structure nothing: what it holds may never have been
   set. */
void weiser_show_int(const char *name, long long value);
void weiser_show_unsigned(const char *name, unsigned long long value);
void weiser_show_float(const char *name, double value);
void weiser_show_long_float(const char *name, long double value);
void weiser_show_text(const char *name, const char *value);
void weiser_show_pointer(const char *name, const void *value);
void weiser_show_other(const char *name, ...);
void weiser_show_output(const char *name);
/* A program may define `int` as something else. */
typedef int weiser_as_int;
#define weiser_show(name, x)                                                                                             \
    _Generic((x),                                                                                                        \
        _Bool: weiser_show_int, char: weiser_show_int, signed char: weiser_show_int, short: weiser_show_int,             \
        weiser_as_int: weiser_show_int, long: weiser_show_int, long long: weiser_show_int,                               \
        unsigned char: weiser_show_unsigned, unsigned short: weiser_show_unsigned, unsigned: weiser_show_unsigned,       \
        unsigned long: weiser_show_unsigned, unsigned long long: weiser_show_unsigned, float: weiser_show_float,         \
        double: weiser_show_float, long double: weiser_show_long_float, void *: weiser_show_pointer,                     \
        const void *: weiser_show_pointer, weiser_as_int *: weiser_show_pointer,                                         \
        const weiser_as_int *: weiser_show_pointer, default: weiser_show_other)(name, x)

/* Arguments. */
long long weiser_int(void);
double weiser_float(void);
int weiser_bool(void);
char *weiser_text(void);
void *weiser_list(long *count, size_t size);
void *weiser_new(size_t size);
void weiser_fields(void);
int weiser_none(void);

#define main weiser_main
