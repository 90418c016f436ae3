#ifndef LISTKEEPER_CCURL_SHIM_H
#define LISTKEEPER_CCURL_SHIM_H
#include <curl/curl.h>
#endif
