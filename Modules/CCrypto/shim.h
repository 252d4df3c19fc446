// Wrappers for OpenSSL macros and for structures that Swift cannot import.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

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
