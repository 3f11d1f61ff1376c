// A finding is the same as one of an earlier run when it breaks the same rule in the same field of the same object of
// the same file, and says the same about it. Neither line nor column count, since whatever is written above moves them,
// nor digits in the message, since messages name lines ("line 7 sets it already"), counts and values that change while
// the mistake stays. Findings that agree in all of that (two keys written twice in a file that cannot be read) are told
// apart by their order alone.
//
// The hash is FNV-1a of 64 bits: a repository of 100,000 findings has two of one hash with a chance of one in three
// thousand million.
//
// Tested in tests/validate/report/sarif_test.cc.
#include "validate/report/fingerprint.h"

#include <cstdio>

#include "validate/base/fnv.h"
#include "validate/report/place.h"

namespace kubegate::report {

std::string Fingerprints::next(std::string_view path, const Resource& resource, const LocatedFinding& finding) {
  Fnv hash;
  hash.add(finding.rule);
  hash.add(path);
  hash.add(object_identity(resource));
  hash.add(finding.pointer);
  hash.add_wording(finding.message);
  const std::uint64_t digits = hash.value();
  char text[32];
  std::snprintf(text, sizeof text, "%016llx:%u", static_cast<unsigned long long>(digits), seen_[digits]++);
  return text;
}

}  // namespace kubegate::report
