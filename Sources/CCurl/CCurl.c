#include "CCurl.h"

#include <dlfcn.h>

// The libcurl functions in use. Their types come from its header, so that a wrong argument below is
// a compile error.
#define FUNCTIONS(each) \
    each(global_init) each(easy_init) each(easy_cleanup) each(easy_strerror) each(easy_setopt) \
    each(easy_getinfo) each(slist_append) each(slist_free_all) each(multi_init) \
    each(multi_cleanup) each(multi_add_handle) each(multi_remove_handle) \
    each(multi_socket_action) each(multi_info_read) each(multi_strerror) each(multi_setopt)

#define POINTER(name) __typeof__(curl_##name) *name;
static struct { FUNCTIONS(POINTER) } curl;

// The ABI that the build's header describes: libcurl has kept it since 2006.
static const char library[] = "libcurl.so.4";

const char *ccurl_load(void) {
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) return dlerror();
    // dlsym knows no types: the pointer's bytes are set, as POSIX recommends.
#define FIND(name) \
    *(void **)&curl.name = dlsym(handle, "curl_" #name); \
    if (curl.name == NULL) return dlerror();
    FUNCTIONS(FIND)
    CURLcode code = curl.global_init(CURL_GLOBAL_ALL);
    return code == CURLE_OK ? NULL : curl.easy_strerror(code);
}

CURL *ccurl_easy_init(void) { return curl.easy_init(); }

void ccurl_easy_cleanup(CURL *easy) { curl.easy_cleanup(easy); }

const char *ccurl_easy_strerror(CURLcode code) { return curl.easy_strerror(code); }

CURLcode ccurl_easy_setopt_long(CURL *easy, CURLoption option, long value) {
    return curl.easy_setopt(easy, option, value);
}

CURLcode ccurl_easy_setopt_string(CURL *easy, CURLoption option, const char *value) {
    return curl.easy_setopt(easy, option, value);
}

CURLcode ccurl_easy_setopt_pointer(CURL *easy, CURLoption option, void *value) {
    return curl.easy_setopt(easy, option, value);
}

CURLcode ccurl_easy_set_body(CURL *easy, const void *bytes, curl_off_t count) {
    CURLcode code = curl.easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, count);
    return code == CURLE_OK ? curl.easy_setopt(easy, CURLOPT_POSTFIELDS, bytes) : code;
}

CURLcode ccurl_easy_set_headers(CURL *easy, struct curl_slist *headers) {
    return curl.easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
}

CURLcode ccurl_easy_set_data_callback(
    CURL *easy, CURLoption option, ccurl_data_callback callback) {
    return curl.easy_setopt(easy, option, callback);
}

CURLcode ccurl_easy_set_prereq_callback(CURL *easy, curl_prereq_callback callback) {
    return curl.easy_setopt(easy, CURLOPT_PREREQFUNCTION, callback);
}

CURLcode ccurl_easy_response_code(CURL *easy, long *code) {
    return curl.easy_getinfo(easy, CURLINFO_RESPONSE_CODE, code);
}

struct curl_slist *ccurl_slist_append(struct curl_slist *list, const char *text) {
    return curl.slist_append(list, text);
}

void ccurl_slist_free_all(struct curl_slist *list) { curl.slist_free_all(list); }

CURLM *ccurl_multi_init(void) { return curl.multi_init(); }

CURLMcode ccurl_multi_cleanup(CURLM *multi) { return curl.multi_cleanup(multi); }

CURLMcode ccurl_multi_add_handle(CURLM *multi, CURL *easy) {
    return curl.multi_add_handle(multi, easy);
}

CURLMcode ccurl_multi_remove_handle(CURLM *multi, CURL *easy) {
    return curl.multi_remove_handle(multi, easy);
}

CURLMcode ccurl_multi_socket_action(CURLM *multi, curl_socket_t socket, int mask, int *running) {
    return curl.multi_socket_action(multi, socket, mask, running);
}

CURLMsg *ccurl_multi_info_read(CURLM *multi, int *left) {
    return curl.multi_info_read(multi, left);
}

const char *ccurl_multi_strerror(CURLMcode code) { return curl.multi_strerror(code); }

CURLMcode ccurl_multi_setopt_long(CURLM *multi, CURLMoption option, long value) {
    return curl.multi_setopt(multi, option, value);
}

CURLMcode ccurl_multi_setopt_pointer(CURLM *multi, CURLMoption option, void *value) {
    return curl.multi_setopt(multi, option, value);
}

CURLMcode ccurl_multi_set_socket_callback(CURLM *multi, curl_socket_callback callback) {
    return curl.multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, callback);
}

CURLMcode ccurl_multi_set_timer_callback(CURLM *multi, curl_multi_timer_callback callback) {
    return curl.multi_setopt(multi, CURLMOPT_TIMERFUNCTION, callback);
}
