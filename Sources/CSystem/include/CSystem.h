/* What Swift cannot say itself: state shared with signal handlers, GNU-only calls. */
#ifndef LISTKEEPER_CSYSTEM_H
#define LISTKEEPER_CSYSTEM_H
#include <stdint.h>

/* A counter that a poll(2) can wait for; -1 and errno when the kernel refuses. */
int lk_eventfd_create(void);
/* Safe inside a signal handler. */
void lk_eventfd_signal(int descriptor);
/* Resets the counter; returns 1 when it had been signalled. */
int lk_eventfd_drain(int descriptor);

/* Cells of a character by the C library in C.UTF-8: -1 unknown or control, -2 without that locale. */
int lk_character_width(uint32_t scalar);

/* A descriptor that tells of files written in a folder, read by FolderWatch; -1 and errno when the
   kernel refuses. */
int lk_inotify_open(const char *folder);

/* From now on the signals of the mask (bit = number) are noted instead of obeyed. Returns a
   descriptor that rings when one came, the same at every call; -1 when the kernel refuses. */
int lk_signals_catch(uint64_t mask);
/* Those that came since the last call, as bits, and silence. */
uint64_t lk_signals_take(void);
/* Stops this program as ^Z does and returns when it runs on; returns at once where no shell could
   let it run on. */
void lk_stop_self(void);

/* Remembers how the terminal is now; a trap or exit puts it back. -1 when it is no terminal. */
int lk_terminal_guard(int in, int out);
/* Puts the terminal back if it is guarded, once; returns whether it did. The alternate screen is
   left too when asked. */
int lk_terminal_release(int screen_too);
/* Around what writes a frame: 0 when the terminal was given back and nothing may be written. */
int lk_terminal_begin_frame(void);
void lk_terminal_end_frame(void);
int lk_terminal_size(int descriptor, int *columns, int *rows);

/* Two heaps are enough for what runs side by side here; each further one keeps its own garbage. */
void lk_memory_use_few_heaps(void);
/* Gives freed memory back to the system. */
void lk_memory_give_back(void);

/* A pipe whose ends are closed in every child from the beginning: read, write. */
int lk_pipe(int ends[2]);

#endif
