// What <malloc.h> has beyond the standard: mallopt(3), malloc_usable_size(3). Swift's module of
// glibc leaves it out.
#pragma once

#include <malloc.h>
