#include "validate/document/read.h"

#include "validate/document/guard.h"
#include "validate/document/yaml_reader.h"

namespace kubegate::document {

void read(const Slice& slice, Syntax syntax, const Limits& limits, Document& out) {
  (void)syntax;
  Builder builder(out, slice.bytes, slice.first_line, limits);
  if (slice.bytes.size() > limits.document_bytes) {
    builder.fault("document/limit",
                  "the document is larger than " + std::to_string(limits.document_bytes) + " bytes", {0, 0}, true);
  }
  if (builder.stopped() || !check_encoding(slice.bytes, builder) || !check_bytes(slice.bytes, builder)) {
    builder.finish(0);
    return;
  }
  read_yaml(slice.bytes, builder);
}

}  // namespace kubegate::document
