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

/* Cells of a character by the C library in C.UTF-8: -1 unknown or control, -2 without that locale.
   One thread at a time. */
int lk_character_width(uint32_t scalar);

/* A descriptor that tells of files written in a folder, read by FolderWatch; -1 and errno when the
   kernel refuses. */
int lk_inotify_open(const char *folder);

#endif
