// The switches of Optimisations by name, for the tests that flip them one by one.
#pragma once

#include <utility>

#include "policy/rego/program.h"

namespace kubegate::rego {

inline constexpr std::pair<const char*, bool Optimisations::*> kSwitches[] = {
    {"folding", &Optimisations::folding},         {"aliases", &Optimisations::aliases},
    {"formats", &Optimisations::formats},         {"indexes", &Optimisations::indexes},
    {"members", &Optimisations::members},         {"memo", &Optimisations::memo},
    {"hoisting", &Optimisations::hoisting},       {"joins", &Optimisations::joins},
    {"backjumping", &Optimisations::backjumping}, {"reuse", &Optimisations::reuse},
    {"keeping", &Optimisations::keeping},
};

}  // namespace kubegate::rego
