/* An attack by a program that needs nothing of the system but its kernel: attack OPERATION ARGUMENT... prints "done", or "denied" with the error. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int opens(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);
    char byte;
    if (fd < 0)
        return -1;
    if ((flags & O_ACCMODE) == O_RDONLY && !(flags & O_DIRECTORY) && read(fd, &byte, 1) < 0)
        return -1;
    return close(fd);
}

static int connects(const char *name)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    socklen_t size = offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    strcpy(address.sun_path + 1, name);
    return connect(fd, (struct sockaddr *)&address, size);
}

static int binds(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    return bind(fd, (struct sockaddr *)&address, sizeof address);
}

static int traces(pid_t pid)
{
    if (ptrace(PTRACE_SEIZE, pid, 0, 0) < 0)
        return -1;
    return ptrace(PTRACE_INTERRUPT, pid, 0, 0) < 0 || waitpid(pid, 0, 0) < 0 ? -1 : (int)ptrace(PTRACE_DETACH, pid, 0, 0);
}

static int attacks(const char *what, const char *one, const char *other)
{
    if (!strcmp(what, "read")) return opens(one, O_RDONLY);
    if (!strcmp(what, "write")) return opens(one, O_WRONLY);
    if (!strcmp(what, "create")) return opens(one, O_WRONLY | O_CREAT | O_EXCL);
    if (!strcmp(what, "list")) return opens(one, O_RDONLY | O_DIRECTORY);
    if (!strcmp(what, "truncate")) return truncate(one, 1);
    if (!strcmp(what, "remove")) return unlink(one);
    if (!strcmp(what, "folder")) return mkdir(one, 0700);
    if (!strcmp(what, "rename")) return rename(one, other);
    if (!strcmp(what, "link")) return link(one, other) < 0 ? -1 : opens(other, O_RDONLY);
    if (!strcmp(what, "symlink")) return symlink(one, other) < 0 ? -1 : opens(other, O_RDONLY);
    if (!strcmp(what, "bind")) return binds(one);
    if (!strcmp(what, "connect")) return connects(one);
    if (!strcmp(what, "kill")) return kill(atoi(one), atoi(other));
    if (!strcmp(what, "trace")) return traces(atoi(one));
    if (!strcmp(what, "mount")) return mount(one, other, 0, MS_BIND, 0);
    errno = ENOSYS;
    return -1;
}

int main(int count, char **words)
{
    if (attacks(words[1], count > 2 ? words[2] : "", count > 3 ? words[3] : "") == 0)
        puts("done");
    else
        printf("denied %s\n", strerror(errno));
    return 0;
}
