// libyaml needs no help to be called from Swift.
#pragma once

#include <yaml.h>
