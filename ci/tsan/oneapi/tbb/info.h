#include "ci/tsan/stand_in.h"
