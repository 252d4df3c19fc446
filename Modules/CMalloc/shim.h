// mallopt(3) and malloc_usable_size(3). Swift's Glibc module does not include <malloc.h>.
#pragma once

#include <malloc.h>
