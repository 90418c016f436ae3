#include "CSystem.h"

#include <errno.h>
#include <locale.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>
#include <wchar.h>

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

int lk_character_width(uint32_t scalar) {
  static locale_t utf8 = (locale_t)0;
  if (utf8 == (locale_t)0) utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
  if (utf8 == (locale_t)0) return -2;
  locale_t before = uselocale(utf8);
  int width = wcwidth((wchar_t)scalar);
  uselocale(before);
  return width;
}

int lk_inotify_open(const char *folder) {
  int descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (descriptor < 0) return -1;
  if (inotify_add_watch(descriptor, folder, IN_MODIFY | IN_CLOSE_WRITE) < 0) {
    int saved = errno;
    close(descriptor);
    errno = saved;
    return -1;
  }
  return descriptor;
}
