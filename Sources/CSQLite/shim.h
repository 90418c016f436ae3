#ifndef LISTKEEPER_CSQLITE_SHIM_H
#define LISTKEEPER_CSQLITE_SHIM_H
#include <sqlite3.h>
#endif
