// libcurl, for HTTPClient only. It is loaded by ccurl_load, not linked: it brings along some 25
// libraries (LDAP, Kerberos, RTMP, SSH, GnuTLS), which a daemon without Azure needs neither in
// its memory nor in its address space. Each function here is libcurl's of the same name without the
// first "c", and may only be called after ccurl_load.
//
// curl_easy_setopt, curl_multi_setopt and curl_easy_getinfo are variadic, which Swift cannot call:
// one function per argument type.

#ifndef CCURL_H
#define CCURL_H

#include <curl/curl.h>

// Loads libcurl, finds everything called here, and prepares it (curl_global_init); once per
// process. NULL, or why it can't be used: a text that is valid until the thread's next dlopen.
const char *ccurl_load(void);

CURL *ccurl_easy_init(void);
void ccurl_easy_cleanup(CURL *easy);
const char *ccurl_easy_strerror(CURLcode code);
CURLcode ccurl_easy_setopt_long(CURL *easy, CURLoption option, long value);
// The text is copied, except that of CURLOPT_POSTFIELDS.
CURLcode ccurl_easy_setopt_string(CURL *easy, CURLoption option, const char *value);
CURLcode ccurl_easy_setopt_pointer(CURL *easy, CURLoption option, void *value);
// Not copied: the bytes must outlive the transfer.
CURLcode ccurl_easy_set_body(CURL *easy, const void *bytes, curl_off_t count);
// Not copied either.
CURLcode ccurl_easy_set_headers(CURL *easy, struct curl_slist *headers);
typedef size_t (*ccurl_data_callback)(char *bytes, size_t size, size_t count, void *context);
CURLcode ccurl_easy_set_data_callback(
    CURL *easy, CURLoption option, ccurl_data_callback callback);
CURLcode ccurl_easy_set_prereq_callback(CURL *easy, curl_prereq_callback callback);
CURLcode ccurl_easy_response_code(CURL *easy, long *code);

struct curl_slist *ccurl_slist_append(struct curl_slist *list, const char *text);
void ccurl_slist_free_all(struct curl_slist *list);

CURLM *ccurl_multi_init(void);
CURLMcode ccurl_multi_cleanup(CURLM *multi);
CURLMcode ccurl_multi_add_handle(CURLM *multi, CURL *easy);
CURLMcode ccurl_multi_remove_handle(CURLM *multi, CURL *easy);
CURLMcode ccurl_multi_socket_action(CURLM *multi, curl_socket_t socket, int mask, int *running);
CURLMsg *ccurl_multi_info_read(CURLM *multi, int *left);
const char *ccurl_multi_strerror(CURLMcode code);
CURLMcode ccurl_multi_setopt_long(CURLM *multi, CURLMoption option, long value);
CURLMcode ccurl_multi_setopt_pointer(CURLM *multi, CURLMoption option, void *value);
CURLMcode ccurl_multi_set_socket_callback(CURLM *multi, curl_socket_callback callback);
CURLMcode ccurl_multi_set_timer_callback(CURLM *multi, curl_multi_timer_callback callback);

// The result is in a union, of which Swift would read the wrong member unchecked.
static inline CURLcode ccurl_message_result(const CURLMsg *message) {
    return message->data.result;
}

// Macros with casts, which Swift does not import.
static const long ccurl_http_1_1 = CURL_HTTP_VERSION_1_1;
static const long ccurl_tls_1_2 = CURL_SSLVERSION_TLSv1_2;
static const size_t ccurl_error_size = CURL_ERROR_SIZE;
static const curl_socket_t ccurl_socket_timeout = CURL_SOCKET_TIMEOUT;

#endif
