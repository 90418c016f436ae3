/* SQLite as Swift can call it: its variadic functions and its destructor macro, made plain. */
#ifndef LISTKEEPER_CSQLITE_SHIM_H
#define LISTKEEPER_CSQLITE_SHIM_H
#include <sqlite3.h>

static inline int lk_sqlite_configure(sqlite3 *database, int option, int value) {
  return sqlite3_db_config(database, option, value, (int *)0);
}

/* Both copy their bytes; an empty value stays empty instead of becoming NULL. */
static inline int lk_sqlite_bind_text(
    sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 count) {
  return sqlite3_bind_text64(
      statement, index, count ? (const char *)bytes : "", count, SQLITE_TRANSIENT, SQLITE_UTF8);
}
static inline int lk_sqlite_bind_blob(
    sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 count) {
  return sqlite3_bind_blob64(
      statement, index, count ? bytes : (const void *)"", count, SQLITE_TRANSIENT);
}

static inline void lk_sqlite_result_text(
    sqlite3_context *context, const void *bytes, sqlite3_uint64 count) {
  sqlite3_result_text64(
      context, count ? (const char *)bytes : "", count, SQLITE_TRANSIENT, SQLITE_UTF8);
}
static inline void lk_sqlite_result_blob(
    sqlite3_context *context, const void *bytes, sqlite3_uint64 count) {
  sqlite3_result_blob64(context, count ? bytes : (const void *)"", count, SQLITE_TRANSIENT);
}
#endif
