// Wrappers for constants that Swift cannot import, and for structures with unions.
#pragma once

#include <arpa/inet.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

/// inet_pton(3) for both families: the number of bytes of the address, or 0 for other text.
static inline int nova_address(const char *text, unsigned char *bytes) {
    if (inet_pton(AF_INET, text, bytes) == 1) return 4;
    return inet_pton(AF_INET6, text, bytes) == 1 ? 16 : 0;
}

/// inet_ntop(3) for an address of 4 or 16 bytes.
static inline void nova_address_text(const unsigned char *bytes, int count, char *text, int size) {
    inet_ntop(count == 4 ? AF_INET : AF_INET6, bytes, text, (socklen_t)size);
}

/// gnutls_free is a pointer to a function.
static inline void nova_free(void *memory) { gnutls_free(memory); }

/// gnutls_x509_trust_list_verify_crt2(3) for TLS clients. `status` is 0 if the chain is accepted.
/// Returns a negative error if it could not be checked.
static inline int nova_verify_client(
    gnutls_x509_trust_list_t list, gnutls_x509_crt_t *chain, unsigned int count,
    unsigned int *status) {
    gnutls_typed_vdata_st purpose = {
        .type = GNUTLS_DT_KEY_PURPOSE_OID, .data = (unsigned char *)GNUTLS_KP_TLS_WWW_CLIENT};
    return gnutls_x509_trust_list_verify_crt2(list, chain, count, &purpose, 1, 0, status, NULL);
}
