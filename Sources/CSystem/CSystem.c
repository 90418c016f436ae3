#include "CSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
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

static locale_t utf8_locale;
static void make_utf8_locale(void) {
  utf8_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

int lk_character_width(uint32_t scalar) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, make_utf8_locale);
  if (utf8_locale == (locale_t)0) return -2;
  locale_t before = uselocale(utf8_locale);
  int width = wcwidth((wchar_t)scalar);
  uselocale(before);
  return width;
}

int lk_inotify_open(const char *folder) {
  int descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (descriptor < 0) return -1;
  if (inotify_add_watch(descriptor, folder, IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO) < 0) {
    int saved = errno;
    close(descriptor);
    errno = saved;
    return -1;
  }
  return descriptor;
}

/* Signals: the handler notes the signal in a word and rings a descriptor; everything else is done
   by the loop that looks. */

static volatile int signal_descriptor = -1;
static _Atomic uint64_t signals_seen;
static _Atomic int signals_unheard;

static void note_signal(int number) {
  int saved = errno;
  atomic_fetch_or(&signals_seen, 1ull << number);
  if (signal_descriptor >= 0) lk_eventfd_signal(signal_descriptor);
  /* A loop that is stuck must not make the program immortal: asked for the third time, it goes. */
  if ((number == SIGTERM || number == SIGINT || number == SIGHUP) &&
      atomic_fetch_add(&signals_unheard, 1) >= 2) {
    lk_terminal_release(1);
    _exit(128 + number);
  }
  errno = saved;
}

int lk_signals_catch(uint64_t mask) {
  if (signal_descriptor < 0) signal_descriptor = lk_eventfd_create();
  if (signal_descriptor < 0) return -1;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = note_signal;
  action.sa_flags = SA_RESTART;
  sigfillset(&action.sa_mask);
  for (int number = 1; number < 32; number++) {
    struct sigaction before;
    if (!(mask & (1ull << number))) continue;
    /* Under nohup the program was asked to outlive its terminal. */
    if (number == SIGHUP && sigaction(number, NULL, &before) == 0 && before.sa_handler == SIG_IGN)
      continue;
    sigaction(number, &action, NULL);
  }
  /* A reader that went away is an error of write(2), not the end of the program. */
  signal(SIGPIPE, SIG_IGN);
  return signal_descriptor;
}

uint64_t lk_signals_take(void) {
  if (signal_descriptor >= 0) lk_eventfd_drain(signal_descriptor);
  atomic_store(&signals_unheard, 0);
  return atomic_exchange(&signals_seen, 0);
}

void lk_stop_self(void) {
  struct sigaction stop, before;
  memset(&stop, 0, sizeof stop);
  stop.sa_handler = SIG_DFL;
  sigemptyset(&stop.sa_mask);
  sigaction(SIGTSTP, &stop, &before);
  raise(SIGTSTP); /* to this thread, so that nothing after it runs before the stop */
  sigaction(SIGTSTP, &before, NULL);
}

/* The terminal as it was found, and the hands that put it back when the program traps. */

static const int trap_numbers[] = {SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGQUIT};
enum { trap_count = sizeof trap_numbers / sizeof *trap_numbers };
static struct sigaction traps_before[trap_count];
static struct termios terminal_before;
static int terminal_in = -1, terminal_out = -1;
static _Atomic int terminal_guarded;
/* The thread that is writing a frame, as 0 or 1 beside its id: a trap in another thread lets it end. */
static _Atomic int terminal_painting;
static pthread_t terminal_painter;

int lk_terminal_begin_frame(void) {
  terminal_painter = pthread_self();
  atomic_store(&terminal_painting, 1);
  if (atomic_load(&terminal_guarded)) return 1;
  atomic_store(&terminal_painting, 0); /* given back already: nothing may follow */
  return 0;
}

void lk_terminal_end_frame(void) { atomic_store(&terminal_painting, 0); }

static const char modes_off[] =
    "\033[?2031l\033[?2026l\033[?1006l\033[?1002l\033[?1000l\033[?2004l\033(B\033[m"
    "\033[?7h\033[?1l\033>\033[?25h";
static const char screen_off[] = "\033[r\033[?1049l\033[23;0;0t";

static void put(const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t written = write(terminal_out, bytes, count);
    if (written <= 0) return;
    bytes += written;
    count -= (size_t)written;
  }
}

int lk_terminal_release(int screen_too) {
  if (!atomic_exchange(&terminal_guarded, 0)) return 0;
  int saved = errno;
  /* From here on no frame begins; one that another thread is writing ends first, or is stuck. */
  for (int turn = 0; turn < 200 && atomic_load(&terminal_painting); turn++) {
    if (pthread_equal(terminal_painter, pthread_self())) break;
    struct timespec pause = {.tv_nsec = 1000000};
    nanosleep(&pause, NULL);
  }
  sigset_t out, before;
  sigemptyset(&out);
  sigaddset(&out, SIGTTOU); /* a job in the background may still put its terminal right */
  pthread_sigmask(SIG_BLOCK, &out, &before);
  put(modes_off, sizeof modes_off - 1);
  if (screen_too) put(screen_off, sizeof screen_off - 1);
  tcsetattr(terminal_in, TCSANOW, &terminal_before);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  errno = saved;
  return 1;
}

static void on_trap(int number) {
  static const char words[] =
      "\r\nA defect stopped the program. Run it again; the diagnostic log says more.\r\n";
  if (lk_terminal_release(1) && number != SIGQUIT) put(words, sizeof words - 1);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = SIG_DFL;
  /* Swift's backtracer waits for a key on a terminal; it gets its turn only when it was asked for. */
  if (getenv("SWIFT_BACKTRACE"))
    for (int i = 0; i < trap_count; i++)
      if (trap_numbers[i] == number) action = traps_before[i];
  sigaction(number, &action, NULL);
  raise(number); /* blocked until this handler returns */
}

static void release_at_exit(void) { lk_terminal_release(1); }

int lk_terminal_guard(int in, int out) {
  static int prepared = 0;
  if (tcgetattr(in, &terminal_before) != 0) return -1;
  terminal_in = in;
  terminal_out = out;
  if (!prepared) {
    static char stack[65536];
    stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack}, existing;
    if (sigaltstack(NULL, &existing) == 0 && (existing.ss_flags & SS_DISABLE))
      sigaltstack(&alternative, NULL);
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_trap;
    action.sa_flags = SA_ONSTACK;
    sigfillset(&action.sa_mask);
    for (int i = 0; i < trap_count; i++) sigaction(trap_numbers[i], &action, &traps_before[i]);
    atexit(release_at_exit);
    prepared = 1;
  }
  atomic_store(&terminal_guarded, 1);
  return 0;
}

int lk_terminal_size(int descriptor, int *columns, int *rows) {
  struct winsize size;
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0) return -1;
  *columns = size.ws_col;
  *rows = size.ws_row;
  return 0;
}

void lk_memory_use_few_heaps(void) { mallopt(M_ARENA_MAX, 2); }

void lk_memory_give_back(void) { malloc_trim(0); }

int lk_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }
