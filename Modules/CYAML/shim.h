// Swift can call libyaml without wrappers.
#pragma once

#include <yaml.h>
