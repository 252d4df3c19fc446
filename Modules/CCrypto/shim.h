// Wrappers for OpenSSL macros and for structures that Swift cannot import.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

typedef STACK_OF(X509_INFO) nova_pem_infos;

/// Returns no passphrase. OpenSSL's default callback would ask for one on the terminal.
static inline int nova_no_passphrase(char *room, int size, int writing, void *context) {
    (void)room, (void)size, (void)writing, (void)context;
    return -1;
}

/// Reads a whole BIO, like libcurl reads CURLOPT_CAINFO; NULL if OpenSSL refuses it.
static inline nova_pem_infos *nova_infos_read(BIO *bio) {
    return PEM_X509_INFO_read_bio(bio, NULL, nova_no_passphrase, NULL);
}

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

/// The reason code of this thread's last error: PEM_R_… or ASN1_R_….
static inline int nova_last_reason(void) {
    return ERR_GET_REASON(ERR_peek_last_error());
}

/// The message of this thread's last error; empty if there is none.
static inline const char *nova_last_words(void) {
    const char *words = ERR_reason_error_string(ERR_peek_last_error());
    return words ? words : "";
}

/// Writes the subject as in RFC 2253, in ASCII without control characters, truncated to `size`.
static inline void nova_subject(const X509 *certificate, char *room, int size) {
    room[0] = 0;
    BIO *bio = BIO_new(BIO_s_mem());
    if (!bio) return;
    X509_NAME_print_ex(bio, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
    int count = BIO_read(bio, room, size - 1);
    room[count > 0 ? count : 0] = 0;
    BIO_free(bio);
}
