/* Runs a C program on many inputs for weiser: the C side of grammars/HARNESS.md. No run sees another, and its faults and its
   endless loops are its own: each input runs in a child of its own. That costs about a millisecond, most of it for the memory
   of the sanitizers. A program that calls nothing that keeps a state outside of its own variables (`many` in run.toml) is
   therefore served by one child for many inputs, which sets those variables back before each.

   harness MILLISECONDS MANY */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

void weiser_call(void);
extern const long long weiser_pool[];
extern const int weiser_pool_size;
extern const char weiser_characters[];

enum { LONGEST = 2000, VISITS = 200, ROOM = 1 << 20, ASKED = 300, IN_VAIN = 10000, SANITIZER = 77, OUTPUT = 1 << 20, REQUEST = 1 << 16 };

/* What the child tells, and is told; shared with the parent. */
static struct told {
    int over;
    char how; /* the first letter of the code it ended with */
    int visits;
    size_t length;
    char text[ROOM];
    char request[REQUEST];
} *told;

static jmp_buf home; /* where a child that serves many inputs goes on */
static int serves;

static int out = -1;    /* where answers go: a copy of the first standard output */
static int printed = -1; /* the program's standard output */
static int input = -1;   /* its standard input */
static int errors = -1;  /* its standard error */

static void put(const char *data, size_t length) {
    if (told->length + length < ROOM) {
        memcpy(told->text + told->length, data, length);
        told->length += length;
    }
}

static void put_hex(const char *data, size_t length) {
    for (size_t i = 0; i < length; i++) {
        char two[3];
        snprintf(two, sizeof two, "%02x", (unsigned char)data[i]);
        put(two, 2);
    }
}

static void end_with(const char *code, const char *detail) {
    put("end=", 4);
    put(code, strlen(code));
    put(":", 1);
    put_hex(detail, strlen(detail));
    told->how = *code;
    told->over = 1;
}

static _Noreturn void stop(const char *code, const char *detail) {
    if (!told->over)
        end_with(code, detail);
    if (serves)
        longjmp(home, 1);
    _exit(0);
}

static _Noreturn void stop_at(const char *code, const char *what, int line) {
    char detail[100];
    snprintf(detail, sizeof detail, "line %d: %s", line, what);
    stop(code, detail);
}

/* --- conditions --- */

void weiser_left(const char *how, int line) {
    stop_at("left", how, line);
}

void weiser_pre(int number, int holds) {
    char detail[20];
    snprintf(detail, sizeof detail, "%d", number);
    if (!holds)
        stop("pre", detail);
}

void weiser_assume(int holds, int line) {
    char detail[20];
    snprintf(detail, sizeof detail, "%d", line);
    if (!holds)
        stop("assume", detail);
}

static char names[LONGEST + 200];
static size_t names_length;

void weiser_open(void) {
    names_length = 0;
}

static void add(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int room = (int)(LONGEST - names_length);
    if (room > 1) {
        int wrote = vsnprintf(names + names_length, (size_t)room, format, arguments);
        names_length += (size_t)(wrote < room ? wrote : room - 1);
    }
    va_end(arguments);
}

static void name(const char *text) {
    add("%s%s=", names_length ? "; " : "", text);
}

static void visit(char truth) {
    put(&truth, 1);
    put_hex(names, names_length);
    put(" ", 1);
    if (truth == 'F')
        stop("violated", "");
    if (++told->visits >= VISITS)
        stop("ended", "visits");
}

void weiser_close(int holds) {
    visit(holds ? 'T' : 'F');
}

void weiser_close_observed(void) {
    visit('U');
}

void weiser_show_int(const char *n, long long value) {
    name(n);
    add("%lld", value);
}

void weiser_show_unsigned(const char *n, unsigned long long value) {
    name(n);
    add("%llu", value);
}

void weiser_show_float(const char *n, double value) {
    name(n);
    if (isnan(value))
        add("nan");
    else
        add("%.17g", value);
}

void weiser_show_long_float(const char *n, long double value) {
    weiser_show_float(n, (double)value);
}

void weiser_show_text(const char *n, const char *value) {
    name(n);
    add("%s", value ? value : "null");
}

void weiser_show_pointer(const char *n, const void *value) {
    name(n);
    add(value ? "set" : "null");
}

void weiser_show_other(const char *n, ...) {
    (void)n;
}

void weiser_show_output(const char *n) {
    fflush(stdout);
    name(n);
    char part[4096];
    unsigned long long hash = 1469598103934665603ULL;
    off_t at = 0;
    ssize_t got;
    while ((got = pread(printed, part, sizeof part, at)) > 0) {
        for (ssize_t i = 0; i < got; i++)
            hash = (hash ^ (unsigned char)part[i]) * 1099511628211ULL;
        at += got;
    }
    got = pread(printed, part, 600, 0);
    add("%lld bytes %016llx %.*s", (long long)at, hash, got > 0 ? (int)got : 0, part);
}

/* --- arguments --- */

static int digit(char c) {
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

static char *words;

static char *word(void) {
    char *found = strsep(&words, " \n");
    if (!found || !*found)
        stop("input", "too few values");
    return found;
}

static char *word_of(char mark) {
    char *found = word();
    if (*found != mark)
        stop("input", "a value of another kind");
    return found + 1;
}

long long weiser_int(void) {
    char *found = word();
    if (*found == 'b')
        return found[1] == '1';
    if (*found == 's')
        return digit(found[1]) * 16 + digit(found[2]); /* a character */
    if (*found != 'i')
        stop("input", "an integer was expected");
    errno = 0;
    long long value = strtoll(found + 1, NULL, 10);
    /* Beyond the signed range it is one of the unsigned. */
    return errno ? (long long)strtoull(found + 1, NULL, 10) : value;
}

double weiser_float(void) {
    char *found = word();
    if (*found == 'i')
        return (double)strtoll(found + 1, NULL, 10);
    if (*found != 'f')
        stop("input", "a number was expected");
    unsigned long long bits = strtoull(found + 1, NULL, 16);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

int weiser_bool(void) {
    return weiser_int() != 0;
}

void *weiser_new(size_t size) {
    void *made = calloc(size ? size : 1, 1);
    if (!made)
        stop("memory", "");
    return made;
}

static char *text_of(const char *hex, size_t *length) {
    *length = strlen(hex) / 2;
    char *text = weiser_new(*length + 1);
    for (size_t i = 0; i < *length; i++)
        text[i] = (char)(digit(hex[2 * i]) * 16 + digit(hex[2 * i + 1]));
    return text;
}

int weiser_none(void) {
    if (words && *words == 'n') {
        word();
        return 1;
    }
    return 0;
}

char *weiser_text(void) {
    size_t length;
    return weiser_none() ? NULL : text_of(word_of('s'), &length);
}

void *weiser_list(long *count, size_t size) {
    *count = atol(word_of('['));
    return weiser_new((size_t)*count * size);
}

void weiser_fields(void) {
    word_of('@');
}

/* --- standard input, made up as it is read --- */

static const char *choices;
static int asked;
static int characters_asked;
static int in_vain; /* reads that found nothing */
static long long last[3] = {1, 1, 1};

static unsigned choice(void) {
    unsigned value = 0;
    for (int i = 0; choices && i < 4; i++) {
        if (!*choices || *choices == ' ' || *choices == '\n')
            return value;
        value = value * 16 + (unsigned)digit(*choices++);
    }
    return value;
}

/* The place that is read next is shared with the program's standard input, and must not move. */
static void supply(const char *data, size_t length) {
    struct stat file;
    if (fstat(input, &file) < 0 || pwrite(input, data, length, file.st_size) < 0)
        asked = ASKED;
}

static void supply_int(void) {
    unsigned c = choice();
    long long value = c < 32000 ? c % 13 : c < 40000 ? c % 101 : (long long)(c - 60000) * (c - 60000) / 4;
    if (c >= 40000 && c < 55000 && weiser_pool_size)
        value = weiser_pool[c % (unsigned)weiser_pool_size] + (long long)(c / 7 % 3) - 1;
    else if (c >= 40000 && c < 60000)
        value = -(long long)(c % 20);
    last[2] = last[1];
    last[1] = last[0];
    last[0] = value;
    char text[40];
    int length = snprintf(text, sizeof text, "%lld ", value);
    supply(text, (size_t)length);
}

static size_t make_word(char *text, size_t most) {
    unsigned c = choice();
    long long length = c % 4 < 3 ? last[c % 4] : 1 + choice() % 9;
    if (length < 1 || length > 60)
        length = 1 + c % 9;
    if ((size_t)length > most)
        length = (long long)most;
    size_t kinds = strlen(weiser_characters);
    /* Words of few different characters say more than words of many. */
    size_t few = 1 + choice() % kinds, from = choice() % kinds;
    for (long long i = 0; i < length; i++)
        text[i] = weiser_characters[(from + choice() % few) % kinds];
    return (size_t)length;
}

/* Characters that are read one by one are of few kinds in one run, as are those of a word. */
static void supply_character(void) {
    static unsigned from, few;
    size_t kinds = strlen(weiser_characters);
    if (characters_asked++ == 0) {
        from = choice();
        few = 1 + choice() % 4;
    }
    supply(&weiser_characters[(from + choice() % few) % kinds], 1);
}

static int supplies(FILE *file) {
    if (!choices || file != stdin || asked >= ASKED)
        return 0;
    asked++;
    clearerr(stdin);
    return 1;
}

/* What a format asks for, each followed by a blank. */
static void supply_format(const char *format) {
    for (const char *at = format; *at; at++) {
        if (*at != '%')
            continue;
        at++;
        if (*at == '%')
            continue;
        if (*at == '*')
            at++;
        size_t width = strtoul(at, (char **)&at, 10);
        at += strspn(at, "hlLqjzt");
        char text[80];
        size_t length;
        switch (*at) {
        case 'd': case 'i': case 'u': case 'x': case 'o':
            supply_int();
            break;
        case 'f': case 'g': case 'e': case 'a':
            supply_int();
            break;
        case 'c':
            /* The blank that follows the last thing asked for is read first unless the format skips it. */
            supply_character();
            break;
        case 's': case '[':
            length = make_word(text, width && width < 60 ? width : 60);
            text[length++] = *at == 's' ? ' ' : '\n';
            supply(text, length);
            if (*at == '[')
                while (*at && *at != ']')
                    at++;
            break;
        default:
            break;
        }
        if (!*at)
            break;
    }
}

static void supply_line(void) {
    char text[200];
    size_t length = 0;
    unsigned kind = choice() % 4;
    if (kind == 0) {
        length = make_word(text, 60);
    } else {
        int count = kind == 1 ? 1 : 1 + (int)(choice() % 4);
        for (int i = 0; i < count; i++) {
            unsigned c = choice();
            last[0] = c % 13;
            length += (size_t)snprintf(text + length, sizeof text - length, "%s%u", i ? " " : "", c % 13);
        }
    }
    text[length++] = '\n';
    supply(text, length);
}

/* Whether reading would find nothing. */
static int drained(void) {
    int next = fgetc(stdin);
    if (next == EOF)
        return 1;
    ungetc(next, stdin);
    return 0;
}

/* A loop that reads on where nothing is left would only end with its time. */
static void read_something(int something) {
    if (!something && ++in_vain > IN_VAIN)
        stop("timeout", "it goes on reading where its input has ended");
}

int weiser_scanf(const char *format, ...) {
    if (supplies(stdin))
        supply_format(format);
    va_list arguments;
    va_start(arguments, format);
    int got = vscanf(format, arguments);
    va_end(arguments);
    read_something(got > 0);
    return got;
}

int weiser_fscanf(FILE *file, const char *format, ...) {
    if (supplies(file))
        supply_format(format);
    va_list arguments;
    va_start(arguments, format);
    int got = vfscanf(file, format, arguments);
    va_end(arguments);
    read_something(got > 0);
    return got;
}

int weiser_getc(FILE *file) {
    if (choices && file == stdin && drained() && supplies(file))
        supply_line();
    int got = fgetc(file);
    read_something(got != EOF);
    return got;
}

char *weiser_fgets(char *text, int size, FILE *file) {
    if (choices && file == stdin && drained() && supplies(file))
        supply_line();
    char *got = fgets(text, size, file);
    read_something(got != NULL);
    return got;
}

char *weiser_gets(char *text) {
    char *got = weiser_fgets(text, 1 << 16, stdin);
    if (got)
        got[strcspn(got, "\n")] = 0;
    return got;
}

ssize_t weiser_getline(char **text, size_t *size, FILE *file) {
    if (choices && file == stdin && drained() && supplies(file))
        supply_line();
    ssize_t got = getline(text, size, file);
    read_something(got >= 0);
    return got;
}

/* --- runs --- */

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

/* From here on no process can be started, neither a copy of this one nor another program, and no file in memory be made. */
static void alone(void) {
#ifdef ARCHITECTURE
#define DENY(number)                                                                                                     \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
#ifdef __NR_fork
        DENY(__NR_fork),
        DENY(__NR_vfork),
#endif
        DENY(__NR_clone),
        DENY(__NR_clone3),
        DENY(__NR_execve),
        DENY(__NR_execveat),
        DENY(__NR_memfd_create),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
#endif
}

/* Pages that this process may write, which the limit below counts from. */
static unsigned long data_pages(void) {
    unsigned long pages = 0, ignored;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file) {
        if (fscanf(file, "%lu %lu %lu %lu %lu %lu", &ignored, &ignored, &ignored, &ignored, &ignored, &pages) != 6)
            pages = 0;
        fclose(file);
    }
    return pages;
}

static void limit(unsigned long pages, long seconds) {
    if (pages) {
        rlim_t most = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + ((rlim_t)256 << 20);
        struct rlimit data = {most, most};
        setrlimit(RLIMIT_DATA, &data);
    }
    struct rlimit time = {(rlim_t)seconds, (rlim_t)seconds + 1};
    setrlimit(RLIMIT_CPU, &time);
    struct rlimit size = {OUTPUT, OUTPUT};
    setrlimit(RLIMIT_FSIZE, &size);
    struct rlimit stack = {8 << 20, 8 << 20};
    setrlimit(RLIMIT_STACK, &stack);
    alone();
}

static int scratch(const char *name) {
    int made = memfd_create(name, 0);
    return made < 0 ? open("/dev/null", O_RDWR) : made;
}

/* Reads a request: the standard input, and what the arguments are made of. */
static void take(char *request) {
    char *stdin_word = strsep(&request, " \n");
    words = request;
    choices = NULL;
    if (stdin_word && *stdin_word == '?') {
        choices = stdin_word + 1;
    } else if (stdin_word && *stdin_word != '-') {
        size_t length;
        char *text = text_of(stdin_word, &length);
        supply(text, length);
        free(text);
    }
    lseek(input, 0, SEEK_SET);
}

static void become_child(unsigned long pages, long seconds) {
    dup2(input, 0);
    dup2(printed, 1);
    dup2(errors, 2);
    close(out);
    signal(SIGPIPE, SIG_DFL);
    limit(pages, seconds);
}

static void give_time(long ms) {
    struct itimerval timer = {{0, 0}, {ms / 1000, ms % 1000 * 1000}};
    setitimer(ITIMER_PROF, &timer, NULL);
}

static _Noreturn void child(char *request, long ms, unsigned long pages) {
    take(request);
    /* The timer can be turned off. Whole seconds, which the timer comes before. */
    become_child(pages, ms / 1000 + 2);
    give_time(ms);
    weiser_call();
    stop("ended", "");
}

/* A sanitizer's report takes longer than most runs: what it is about is enough. */
const char *__asan_get_report_description(void) __attribute__((weak));

void __asan_on_error(void);
void __asan_on_error(void) {
    const char *what = __asan_get_report_description ? __asan_get_report_description() : NULL;
    dprintf(2, "AddressSanitizer: %s\n", what ? what : "an error");
    _exit(SANITIZER);
}

/* --- many inputs in one child --- */

/* The program's own variables lie between these (bounds.c). */
extern char weiser_data_first[], weiser_data_last[], weiser_bss_first[], weiser_bss_last[];
int weiser_inside(const char *data, const char *data_end, const char *bss, const char *bss_end);

enum { KEPT = 1 << 20, GROWTH = 32 << 20, RUNS = 20000, SECONDS = 600 };

size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static size_t allocated(void) {
    return __sanitizer_get_current_allocated_bytes ? __sanitizer_get_current_allocated_bytes() : mallinfo2().uordblks;
}

/* What lies between two variables may not be read, as the sanitizer sees it. */
__attribute__((no_sanitize("address", "undefined"), noinline)) static void copy(char *to, const char *from, size_t length) {
    size_t at = 0;
    for (; at + sizeof(long) <= length; at += sizeof(long))
        *(volatile long *)(to + at) = *(const volatile long *)(from + at);
    for (; at < length; at++)
        *(volatile char *)(to + at) = *(const volatile char *)(from + at);
}

static ptrdiff_t data_size(void) {
    return weiser_data_last - weiser_data_first;
}

static ptrdiff_t bss_size(void) {
    return weiser_bss_last - weiser_bss_first;
}

/* Whether a linker has put the program where it can be found, and it isn't too large to be set back each time. */
static int can_serve(void) {
    return data_size() > 0 && bss_size() > 0 && data_size() + bss_size() <= KEPT
           && weiser_inside(weiser_data_first, weiser_data_last, weiser_bss_first, weiser_bss_last);
}

static void empty(int file) {
    if (lseek(file, 0, SEEK_END) > 0 && ftruncate(file, 0) < 0)
        _exit(1);
    lseek(file, 0, SEEK_SET);
}

/* Runs the requests that are put into `told`: one for each byte from `wake`, each answered by one to `done`. */
static _Noreturn void serve(int wake, int done, long ms, unsigned long pages) {
    char *data = mmap(NULL, KEPT, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *bss = data + data_size();
    if (data == MAP_FAILED)
        _exit(1);
    become_child(pages, SECONDS);
    copy(data, weiser_data_first, (size_t)data_size());
    copy(bss, weiser_bss_first, (size_t)bss_size());
    serves = 1;
    size_t begin = allocated();
    char go;
    for (volatile int runs = 0; read(wake, &go, 1) == 1; runs++) {
        if (runs) {
            copy(weiser_data_first, data, (size_t)data_size());
            copy(weiser_bss_first, bss, (size_t)bss_size());
            __fpurge(stdin);
            __fpurge(stdout);
            clearerr(stdin);
            clearerr(stdout);
            empty(0);
            empty(1);
            empty(2);
            asked = characters_asked = in_vain = 0;
            last[0] = last[1] = last[2] = 1;
            names_length = 0;
            srand(1);
        }
        errno = 0;
        if (!_setjmp(home)) {
            take(told->request);
            give_time(ms);
            weiser_call();
            stop("ended", "");
        }
        give_time(0);
        int full = runs >= RUNS || allocated() > begin + GROWTH;
        if (write(done, full ? "x" : "d", 1) != 1 || full)
            break;
    }
    _exit(0);
}

/* The line of a sanitizer's report that says what is wrong. */
static void fault_detail(char *detail, size_t size) {
    static char report[1 << 16];
    ssize_t got = pread(errors, report, sizeof report - 1, 0);
    report[got > 0 ? got : 0] = 0;
    char *found = strstr(report, "runtime error: ");
    if (!found)
        found = strstr(report, "AddressSanitizer: ");
    if (!found)
        found = report;
    size_t length = strcspn(found, "\n");
    /* Addresses differ from run to run. */
    char *address = strstr(found, " on address");
    if (address && (size_t)(address - found) < length)
        length = (size_t)(address - found);
    address = strstr(found, " on unknown address");
    if (address && (size_t)(address - found) < length)
        length = (size_t)(address - found);
    address = strstr(found, "address 0x");
    if (address && (size_t)(address - found) < length)
        length = (size_t)(address - found);
    snprintf(detail, size, "%.*s", (int)(length < 200 ? length : 200), found);
}

static void open_files(void) {
    errors = scratch("errors");
    input = scratch("input");
    printed = scratch("output");
}

static void close_files(void) {
    close(errors);
    close(input);
    close(printed);
}

/* How a run ended that didn't tell so itself. */
static void tell_end(int status) {
    char detail[220];
    fault_detail(detail, sizeof detail);
    if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGPROF || WTERMSIG(status) == SIGXCPU)) {
        end_with("timeout", "");
    } else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ) {
        end_with("output", "more than 1 MiB");
    } else if (strstr(detail, "allocation-size-too-big") || strstr(detail, "out-of-memory")
               || strstr(detail, "failed to allocate") || strstr(detail, "rss-limit")) {
        end_with("memory", detail);
    } else if (WIFSIGNALED(status)) {
        snprintf(detail, sizeof detail, "signal %d", WTERMSIG(status));
        end_with("fault", detail);
    } else {
        /* Short of memory, a sanitizer ends with another status than the one that was asked for. */
        if (WEXITSTATUS(status) != SANITIZER && !strstr(detail, "Sanitizer"))
            snprintf(detail, sizeof detail, "it ended the process with status %d", WEXITSTATUS(status));
        end_with("fault", detail);
    }
}

static void begin_answer(const char *mark, size_t length) {
    told->over = told->visits = 0;
    told->length = 0;
    put(mark, length);
}

/* What the program has written here itself is no answer. */
static void check_answer(size_t begin) {
    if (told->length < begin || told->length >= ROOM - 2 * sizeof(char[1024])) {
        told->length = begin;
        told->over = 0;
    }
}

/* Runs a request in a child of its own. */
static void run_alone(char *request, size_t begin, long ms, unsigned long pages) {
    open_files();
    pid_t id = fork();
    if (id == 0)
        child(request, ms, pages);
    int status = 0;
    while (id > 0 && waitpid(id, &status, 0) < 0 && errno == EINTR) {
    }
    check_answer(begin);
    if (!told->over && id < 0)
        end_with("input", "no process could be started");
    else if (!told->over)
        tell_end(status);
}

/* The child that serves, if there is one. The files are its own as long as it is there. */
static struct server {
    pid_t id;
    int wake, done;
    long runs;
} server;

static void start_server(long ms, unsigned long pages) {
    int to[2], from[2];
    if (pipe2(to, O_CLOEXEC) < 0)
        return;
    if (pipe2(from, O_CLOEXEC) < 0) {
        close(to[0]);
        close(to[1]);
        return;
    }
    open_files();
    server.runs = 0;
    server.wake = to[1];
    server.done = from[0];
    server.id = fork();
    if (server.id == 0) {
        close(to[1]);
        close(from[0]);
        serve(to[0], from[1], ms, pages);
    }
    close(to[0]);
    close(from[1]);
    if (server.id < 0) {
        close(to[1]);
        close(from[0]);
        close_files();
        server.id = 0;
    }
}

static int end_server(void) {
    int status = 0;
    close(server.wake);
    while (waitpid(server.id, &status, 0) < 0 && errno == EINTR) {
    }
    close(server.done);
    server.id = 0;
    return status;
}

enum served { ANSWERED, SUSPECT, NOT_RUN };

/* Lets the child that serves run a request. `SUSPECT`: it failed, and whether the runs before it have a part in that isn't
   known. */
static enum served run_served(const char *request, size_t begin, long ms, unsigned long pages) {
    enum { CHECKS = 3 };
    static int checks;
    if (!server.id)
        start_server(ms, pages);
    if (!server.id)
        return NOT_RUN;
    int first = server.runs++ == 0;
    strcpy(told->request, request);
    char byte = 0;
    if (write(server.wake, "r", 1) == 1 && read(server.done, &byte, 1) == 1) {
        check_answer(begin);
        if (byte == 'x')
            end_server();
        if (told->over)
            return ANSWERED;
    }
    check_answer(begin);
    int status = server.id ? end_server() : 0;
    told->over = 0;
    tell_end(status);
    if (first || told->how == 't' || (told->how == 'f' && checks >= CHECKS))
        return ANSWERED;
    checks += told->how == 'f';
    close_files();
    return SUSPECT;
}

/* Puts the input that was made up before the last word. */
static void tell_input(void) {
    char *end = told->text + told->length;
    while (end > told->text && strncmp(end, "end=", 4))
        end--;
    size_t length = (size_t)(told->text + told->length - end);
    char last_word[1024];
    length = length < sizeof last_word ? length : sizeof last_word;
    memcpy(last_word, end, length);
    told->length = (size_t)(end - told->text);
    put("in=", 3);
    char part[4096];
    ssize_t got;
    off_t at = 0;
    while ((got = pread(input, part, sizeof part, at)) > 0) {
        put_hex(part, (size_t)got);
        at += got;
    }
    put(" ", 1);
    put(last_word, length);
}

/* Answers a request; `many`: a child that serves may do it. */
static void perform(char *request, long ms, unsigned long pages, int *many) {
    const char *mark = request;
    size_t begin = *request == '#' ? strcspn(request, " ") + 1 : 0;
    request += begin;
    int made_up = strchr(request, '?') && strchr(request, '?') < strchr(request, ' ') + 2;
    /* Behind the number of the program, of which there is one. */
    request = strchr(request, ' ') ? strchr(request, ' ') + 1 : request;
    begin_answer(mark, begin);
    enum served served = NOT_RUN;
    if (*many && strlen(request) < REQUEST)
        served = run_served(request, begin, ms, pages);
    else if (server.id) {
        end_server();
        close_files();
    }
    if (served != ANSWERED) {
        begin_answer(mark, begin);
        run_alone(request, begin, ms, pages);
        /* What fails only after others doesn't fail. */
        if (served == SUSPECT && told->how != 'f' && told->how != 'm' && told->how != 'o')
            *many = 0;
    }
    if (made_up)
        tell_input();
    put("\n", 1);
    for (size_t sent = 0; sent < told->length;) {
        ssize_t wrote = write(out, told->text + sent, told->length - sent);
        if (wrote <= 0)
            _exit(1);
        sent += (size_t)wrote;
    }
    if (!server.id)
        close_files();
}

int main(int count, char **arguments) {
    long ms = count > 1 ? atol(arguments[1]) : 500;
    int many = count > 2 && atol(arguments[2]) && can_serve();
    FILE *requests = fdopen(fcntl(0, F_DUPFD_CLOEXEC, 3), "r");
    out = fcntl(1, F_DUPFD_CLOEXEC, 3);
    int nothing = open("/dev/null", O_RDWR);
    dup2(nothing, 0);
    dup2(nothing, 1);
    dup2(nothing, 2);
    told = mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (!requests || told == MAP_FAILED || write(out, "ready\n", 6) != 6)
        return 1;
    signal(SIGPIPE, SIG_IGN);
    unsigned long pages = data_pages();
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, requests) > 0)
        perform(line, ms, pages, &many);
    return 0;
}
