/* Preloaded into a process, it makes every sync of a file fail with EIO as long as the file that
   WAGGLE_FAIL_SYNC names exists: what a broken disk does. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int sync_unless_broken(long call, int fd) {
  const char* trigger = getenv("WAGGLE_FAIL_SYNC");
  if (trigger != NULL && access(trigger, F_OK) == 0) {
    errno = EIO;
    return -1;
  }
  return (int)syscall(call, fd);
}

int fsync(int fd);
int fdatasync(int fd);
int fsync(int fd) { return sync_unless_broken(SYS_fsync, fd); }
int fdatasync(int fd) { return sync_unless_broken(SYS_fdatasync, fd); }
