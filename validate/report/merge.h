// Merge: the parts of a run, as its shards wrote them (`--output part=FILE`), to the report that one machine would have
// given.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "validate/base/result.h"
#include "validate/report/part_fields.h"
#include "validate/report/report.h"

namespace kubegate::report {

inline constexpr std::size_t kMostPartLine = std::size_t{64} << 20;  // bytes

// A part as it was found: `name` is what errors call it.
struct PartText {
  std::string name;
  std::string text;
};

class Merge {
 public:
  // Reads all parts to their ends. Errors (kData; the subject is the part): one that is damaged or cut off, that is
  // there twice, of another run or of another version; parts that are missing, by their numbers.
  static Result<Merge> open(std::vector<PartText> parts);

  // What the run knew of its process: version, targets, and where its paths start from.
  const PartEnd& run() const { return ends_[by_index_.front()]; }

  // Writes the resources of all parts in the order of the run's inputs, and finishes the report.
  struct Outcome {
    Summary summary;
    std::vector<Error> errors;  // inputs that could not be read
  };
  Outcome write(Output& output);

 private:
  class Reader;
  explicit Merge(std::vector<PartText> parts) : parts_(std::move(parts)) {}

  Result<Done> check();
  Result<Done> check_part(const PartText& part);
  Result<Done> check_run();

  std::vector<PartText> parts_;
  std::vector<PartEnd> ends_;                 // of parts_
  std::vector<std::size_t> by_index_;         // of the shards: places in parts_
  std::set<std::string, std::less<>> texts_;  // what resources and summaries view
};

}  // namespace kubegate::report
