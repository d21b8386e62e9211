// OpenSSL 3: libcrypto and libssl.
#pragma once
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// Functions for OpenSSL's macros with casts or parameters, which Swift can't see.

// BIO_get_mem_data: the bytes that a memory BIO holds.
static inline long copenssl_bio_memory(BIO *bio, char **start) {
    return BIO_get_mem_data(bio, start);
}

// BIO_set_mem_eof_return: what reading an empty memory BIO returns; -1 is "try again".
static inline void copenssl_bio_set_empty_is_retry(BIO *bio) {
    BIO_set_mem_eof_return(bio, -1);
}

static inline void copenssl_bio_reset(BIO *bio) {
    (void)BIO_reset(bio);
}

// BIO_set_mem_eof_return: 0 is "the end".
static inline void copenssl_bio_set_empty_is_end(BIO *bio) {
    BIO_set_mem_eof_return(bio, 0);
}

// BIO_get_mem_ptr: how much memory a memory BIO has taken, used or not.
static inline size_t copenssl_bio_capacity(BIO *bio) {
    BUF_MEM *memory = NULL;
    BIO_get_mem_ptr(bio, &memory);
    return memory == NULL ? 0 : memory->max;
}

static inline int copenssl_ctx_set_min_version(SSL_CTX *ctx, int version) {
    return (int)SSL_CTX_set_min_proto_version(ctx, version);
}

static inline int copenssl_ctx_set_groups(SSL_CTX *ctx, const char *groups) {
    return (int)SSL_CTX_set1_groups_list(ctx, groups);
}

static inline void copenssl_ctx_set_mode(SSL_CTX *ctx, long mode) {
    SSL_CTX_set_mode(ctx, mode);
}

static inline void copenssl_ctx_set_certificate_list_max(SSL_CTX *ctx, long bytes) {
    SSL_CTX_set_max_cert_list(ctx, bytes);
}

// Takes ownership of `certificate` if it returns 1.
static inline int copenssl_ctx_add_chain_certificate(SSL_CTX *ctx, X509 *certificate) {
    return (int)SSL_CTX_add0_chain_cert(ctx, certificate);
}

// The keys of session tickets: 80 bytes.
static inline int copenssl_ctx_set_ticket_keys(SSL_CTX *ctx, void *keys, long count) {
    return (int)SSL_CTX_set_tlsext_ticket_keys(ctx, keys, count);
}

static inline void copenssl_ctx_set_session_cache(SSL_CTX *ctx, long mode) {
    SSL_CTX_set_session_cache_mode(ctx, mode);
}

static inline int copenssl_set_server_name(SSL *ssl, const char *name) {
    return (int)SSL_set_tlsext_host_name(ssl, name);
}

// OPENSSL_free.
static inline void copenssl_free(void *memory) {
    OPENSSL_free(memory);
}

// The typed stacks' functions are macros.
static inline int copenssl_general_names_count(const GENERAL_NAMES *names) {
    return sk_GENERAL_NAME_num(names);
}

static inline const GENERAL_NAME *copenssl_general_name(const GENERAL_NAMES *names, int index) {
    return sk_GENERAL_NAME_value(names, index);
}

// GENERAL_NAME's union: the text of a name of type GEN_DNS, GEN_URI or GEN_EMAIL, or the bytes of
// one of type GEN_IPADD; NULL for others.
static inline const ASN1_STRING *copenssl_general_name_string(const GENERAL_NAME *name) {
    switch (name->type) {
    case GEN_DNS:
    case GEN_URI:
    case GEN_EMAIL:
        return name->d.ia5;
    case GEN_IPADD:
        return name->d.iPAddress;
    default:
        return NULL;
    }
}

static inline int copenssl_general_name_type(const GENERAL_NAME *name) {
    return name->type;
}

// Swift can't call variadic functions, or see a macro of a macro.
static inline int copenssl_error_library(unsigned long code) {
    return ERR_GET_LIB(code);
}

static inline int copenssl_error_reason(unsigned long code) {
    return ERR_GET_REASON(code);
}

// SSL_OP_… are macros over a shift that Swift does not import.
static inline uint64_t copenssl_ctx_set_options(SSL_CTX *ctx) {
    return SSL_CTX_set_options(
        ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                 SSL_OP_PRIORITIZE_CHACHA | SSL_OP_CLEANSE_PLAINTEXT);
}
