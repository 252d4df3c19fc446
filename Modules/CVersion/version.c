#include "CVersion.h"

// The compiler lists VERSION among the dependencies of this file, so a change to it causes a
// rebuild.
static const char version_file[] = {
#embed "../../VERSION"
    , 0
};

const char *nova_version_file(void) { return version_file; }
