// Wrappers for OpenSSL macros and for structures that Swift cannot import.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdint.h>
#include <time.h>

typedef STACK_OF(X509_INFO) nova_pem_infos;

static inline int nova_infos_count(const nova_pem_infos *infos) {
    return sk_X509_INFO_num(infos);
}

/// The certificate of an entry; NULL if the entry is a key or a revocation list.
static inline X509 *nova_infos_certificate(const nova_pem_infos *infos, int index) {
    return sk_X509_INFO_value(infos, index)->x509;
}

static inline void nova_infos_free(nova_pem_infos *infos) {
    sk_X509_INFO_pop_free(infos, X509_INFO_free);
}

typedef STACK_OF(X509) nova_chain;

static inline nova_chain *nova_chain_new(void) { return sk_X509_new_null(); }

/// Appends a certificate and adds a reference to it; 0 without memory.
static inline int nova_chain_append(nova_chain *chain, X509 *certificate) {
    return X509_up_ref(certificate) && sk_X509_push(chain, certificate);
}

static inline void nova_chain_free(nova_chain *chain) { sk_X509_pop_free(chain, X509_free); }

/// Writes a name as in RFC 2253, in ASCII without control characters, truncated to `size`.
static inline void nova_name(const X509_NAME *name, char *room, int size) {
    room[0] = 0;
    BIO *bio = BIO_new(BIO_s_mem());
    if (!bio) return;
    X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253);
    int count = BIO_read(bio, room, size - 1);
    room[count > 0 ? count : 0] = 0;
    BIO_free(bio);
}

/// Writes the subject of a certificate like `nova_name`.
static inline void nova_subject(const X509 *certificate, char *room, int size) {
    nova_name(X509_get_subject_name(certificate), room, size);
}

/// Writes the issuer of a certificate like `nova_name`.
static inline void nova_issuer(const X509 *certificate, char *room, int size) {
    nova_name(X509_get_issuer_name(certificate), room, size);
}

/// The end of the validity of a certificate in Unix seconds; false if the date is invalid.
static inline int nova_not_after(const X509 *certificate, int64_t *seconds) {
    int days = 0, rest = 0;
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    int is_valid = epoch && ASN1_TIME_diff(&days, &rest, epoch, X509_get0_notAfter(certificate));
    ASN1_TIME_free(epoch);
    *seconds = (int64_t)days * 86400 + rest;
    return is_valid;
}

/// Whether the server asked for a client certificate in the handshake of this session.
///
/// Only a CertificateRequest contains signature algorithms of the server.
static inline int nova_was_asked(SSL *session) {
    return SSL_get_sigalgs(session, -1, NULL, NULL, NULL, NULL, NULL) > 0;
}

/// The most handshake messages that a server may send in one second; a handshake has at most 9.
enum { nova_most_messages = 64 };

/// An index for the count of `nova_count_message` in a session, the same for all sessions.
static inline int nova_new_index(void) { return SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL); }

/// Counts the handshake messages of a server, and makes the session end if there are too many
/// (SSL_CTX_set_msg_callback(3)).
///
/// The session stores the current second, and in the lower 16 bits the count of its messages, at
/// the index in `context`.
static inline void nova_count_message(
    int is_sent, int version, int type, const void *bytes, size_t size, SSL *session,
    void *context) {
    (void)version, (void)bytes, (void)size;
    if (is_sent || type != SSL3_RT_HANDSHAKE) return;
    const int index = (int)(intptr_t)context;
    const uint64_t second = (uint64_t)time(NULL) & 0xffffffff;
    uint64_t state = (uintptr_t)SSL_get_ex_data(session, index);
    state = state >> 16 == second ? state + 1 : second << 16 | 1;
    SSL_set_ex_data(session, index, (void *)(uintptr_t)state);
    if ((state & 0xffff) <= nova_most_messages) return;
    ERR_raise(ERR_LIB_SSL, SSL_R_UNEXPECTED_MESSAGE);
    SSL_set_shutdown(session, SSL_get_shutdown(session) | SSL_RECEIVED_SHUTDOWN);
}

/// Limits the handshake messages of the servers of a context.
///
/// OpenSSL reads hello requests, session tickets and key updates in a loop that ends when none has
/// arrived. A server that sends them fast enough would keep the thread there.
static inline void nova_limit_messages(SSL_CTX *context, int index) {
    SSL_CTX_set_msg_callback(context, nova_count_message);
    SSL_CTX_set_msg_callback_arg(context, (void *)(intptr_t)index);
}
