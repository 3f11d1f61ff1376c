// What tells this build of the program from every other.
#pragma once

#include <string>

namespace kubegate {

// The build ids that the linker gave the program and each library that it runs with, digests of all that is in them:
// code, schemas, rules. "" where one of them carries none, so that two builds could not be told apart.
const std::string& build_id();

}  // namespace kubegate
