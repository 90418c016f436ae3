/* What Swift cannot call itself: libcurl's variadic functions, its macros, and accept4. */
#ifndef LISTKEEPER_CCURL_SHIM_H
#define LISTKEEPER_CCURL_SHIM_H
#include <curl/curl.h>
#include <sys/socket.h>

static inline CURLcode cu_set_long(CURL *h, CURLoption o, long v) {
  return curl_easy_setopt(h, o, v);
}
static inline CURLcode cu_set_size(CURL *h, CURLoption o, curl_off_t v) {
  return curl_easy_setopt(h, o, v);
}
static inline CURLcode cu_set_text(CURL *h, CURLoption o, const char *v) {
  return curl_easy_setopt(h, o, v);
}
static inline CURLcode cu_set_pointer(CURL *h, CURLoption o, void *v) {
  return curl_easy_setopt(h, o, v);
}
static inline CURLcode cu_set_list(CURL *h, CURLoption o, struct curl_slist *v) {
  return curl_easy_setopt(h, o, v);
}

typedef size_t (*cu_data_function)(char *, size_t, size_t, void *);
static inline CURLcode cu_set_data_function(CURL *h, CURLoption o, cu_data_function f) {
  return curl_easy_setopt(h, o, f);
}

typedef int (*cu_prereq_function)(void *, char *, char *, int, int);
static inline CURLcode cu_set_prereq_function(CURL *h, cu_prereq_function f) {
  return curl_easy_setopt(h, CURLOPT_PREREQFUNCTION, f);
}

/* The bit mask rather than CURLOPT_PROTOCOLS_STR, because libcurl before 7.85 has only that. */
static inline CURLcode cu_only_http(CURL *h) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  return curl_easy_setopt(h, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#pragma GCC diagnostic pop
}

static inline CURLcode cu_get_long(CURL *h, CURLINFO i, long *v) {
  return curl_easy_getinfo(h, i, v);
}
static inline CURLcode cu_get_pointer(CURL *h, CURLINFO i, void **v) {
  return curl_easy_getinfo(h, i, v);
}
static inline CURLMcode cu_multi_set_long(CURLM *m, CURLMoption o, long v) {
  return curl_multi_setopt(m, o, v);
}

static inline CURLcode cu_message_result(const CURLMsg *m) { return m->data.result; }

static const long cu_tls_1_2 = CURL_SSLVERSION_TLSv1_2;
static const long cu_http_1_1 = CURL_HTTP_VERSION_1_1;

/* Declared here because glibc shows accept4 only under _GNU_SOURCE. */
extern int accept4(int, struct sockaddr *, socklen_t *, int);
static inline int cu_accept(int listener, struct sockaddr *address, socklen_t *length) {
  return accept4(listener, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}
#endif
