#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static unsigned turns;

static void *spin(void *nothing)
{
    for (;;)
        turns++;
    return nothing;
}

static int down(int n)
{
    char room[1000];
    room[n % 1000] = 1;
    return down(n + 1) + room[n % 7];
}

static int writes(const char *path)
{
    int file = open(path, O_WRONLY | O_CREAT, 0600);
    return file >= 0;
}

static int reads(const char *path)
{
    char data[10];
    int file = open(path, O_RDONLY);
    return file >= 0 && read(file, data, 10) > 0;
}

int f(int which)
{
    int did = 0;
    if (which == 1) {
        for (int i = 0; i < 200; i++)
            did += fork() >= 0;
    } else if (which == 2) {
        char *words[] = {"/bin/sh", "-c", "sleep 3", 0};
        did = execv("/bin/sh", words) == 0;
    } else if (which == 3) {
        pthread_t thread;
        for (int i = 0; i < 400; i++)
            did += pthread_create(&thread, 0, spin, 0) == 0;
    } else if (which == 5) {
        char *all = malloc(10L << 30);
        did = all != 0;
    } else if (which == 6) {
        for (;;) {
            char *part = malloc(1 << 20);
            memset(part, 1, 1 << 20);
        }
    } else if (which == 7) {
        for (;;)
            puts("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    } else if (which == 8) {
        for (;;)
            turns++;
    } else if (which == 9) {
        did = down(0);
    } else if (which == 11) {
        did = unlink("@OUTSIDE@/kept") == 0 || rmdir("@OUTSIDE@") == 0;
    } else if (which == 12) {
        did = unlink("harness.c") == 0 || unlink("program0") == 0 || rmdir(".") == 0;
    } else if (which == 13) {
        did = writes("left") + writes("/tmp/weiser-left") + writes("@OUTSIDE@/left") + writes("@OUTSIDE@/kept");
    } else if (which == 14) {
        struct sockaddr_in to = {0};
        to.sin_family = AF_INET;
        to.sin_port = htons(@PORT@);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        int made = socket(AF_INET, SOCK_STREAM, 0);
        did = made >= 0 && connect(made, (struct sockaddr *)&to, sizeof to) == 0;
    } else if (which == 15) {
        did = reads("/etc/passwd") + reads("/etc/shadow") + reads("@HOME@") + reads("/proc/1/environ");
    } else if (which == 16) {
        did = kill(getppid(), SIGKILL) == 0;
        for (;;)
            turns++;
    } else if (which == 17) {
        kill(-1, SIGKILL);
        kill(0, SIGKILL);
    } else if (which == 18) {
        for (int i = 0; i < 256; i++)
            close(i);
    } else if (which == 19) {
        for (int i = 3; i < 256; i++)
            if (write(i, "T end=ended:\n", 13) < 0)
                turns++;
    } else if (which == 20) {
        _exit(0);
    } else if (which == 22) {
        signal(SIGPROF, SIG_IGN);
        alarm(1);
    } else if (which == 23) {
        struct itimerval none = {{0, 0}, {0, 0}};
        setitimer(ITIMER_PROF, &none, 0);
        for (;;)
            turns++;
    } else if (which == 25) {
        int c;
        while ((c = getchar()) != 'e')
            turns++;
    }
    int total = which + 1;
    assert(total > which && did <= 400); // POST
    return total;
}
