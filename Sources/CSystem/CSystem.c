#include "CSystem.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

int lk_eventfd_create(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

void lk_eventfd_signal(int descriptor) {
  int saved = errno;
  uint64_t one = 1;
  ssize_t ignored = write(descriptor, &one, sizeof one); /* full means already signalled */
  (void)ignored;
  errno = saved;
}

int lk_eventfd_drain(int descriptor) {
  uint64_t count = 0;
  return read(descriptor, &count, sizeof count) == (ssize_t)sizeof count;
}
