// What the fuzz targets of the document room share: any bytes are split and read, and the promises of every document
// are held (tests/validate/document/support.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tests/validate/document/support.h"
#include "validate/document/path.h"
#include "validate/document/position.h"

namespace kubegate::document::fuzz {

inline void fail(const char* what) {
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

inline int read_any(const std::uint8_t* data, std::size_t size, Syntax syntax) {
  static Document document;  // reused, as workers do
  const std::string_view file(reinterpret_cast<const char*>(data), size);
  // Small bounds, so that the fuzzer meets them.
  const Limits limits{1 << 20, 1 << 16, 20, 5000};
  const char* behind = file.data();
  for (const Slice& slice : split(file, syntax)) {
    if (slice.bytes.data() < behind || slice.bytes.data() + slice.bytes.size() > file.data() + file.size()) {
      fail("slices overlap or leave the file");
    }
    behind = slice.bytes.data() + slice.bytes.size();
    read(slice, syntax, limits, document);
    if (const std::string broken = testing::broken_promise(document); !broken.empty()) fail(broken.c_str());
    if (!document.complete() && document.faults().empty()) fail("incomplete without a fault");
    for (const Finding& fault : document.faults()) {
      position_of(document, fault.span.begin);
      line_at(document, fault.span.begin);
    }
    if (!document.empty()) pointer_to(document, document.size() - 1);
  }
  return 0;
}

}  // namespace kubegate::document::fuzz
