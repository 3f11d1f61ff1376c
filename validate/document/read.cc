// The order of readers: bytes are guarded first, which the marks make unnecessary for printable ASCII; a document that
// starts with a brace is tried as JSON, which is kubectl's way too; everything else is YAML, tried by the block reader,
// and read by yaml-cpp where that declines.
#include "validate/document/read.h"

#include <string>

#include "validate/document/block_reader.h"
#include "validate/document/guard.h"
#include "validate/document/json_reader.h"
#include "validate/document/marks.h"
#include "validate/document/yaml_reader.h"

namespace kubegate::document {
namespace {

// Reports what no parser needs to see. True when there is nothing of that kind.
bool guard(const Slice& slice, Syntax syntax, const Limits& limits, Builder& builder) {
  if (slice.bytes.size() > limits.document_bytes) {
    builder.fault("document/limit", "the document is larger than " + std::to_string(limits.document_bytes) + " bytes",
                  {0, 0}, true);
    return false;
  }
  return check_bytes(slice.bytes, syntax, builder);
}

bool starts_with_brace(std::string_view bytes) {
  const std::size_t first = bytes.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && bytes[first] == '{';
}

}  // namespace

struct Reader::Memory {
  Marks marks;
  BlockReader block_reader;
};

Reader::Reader() : memory_(std::make_unique<Memory>()) {}
Reader::~Reader() = default;

void read(const Slice& slice, Syntax syntax, const Limits& limits, Document& out, ScalarTable table) {
  Reader().read(slice, syntax, limits, out, table);
}

void Reader::read(const Slice& slice, Syntax syntax, const Limits& limits, Document& out, ScalarTable table) {
  const bool maybe_json = syntax == Syntax::kJson || starts_with_brace(slice.bytes);
  Marks& marks = memory_->marks;
  const bool fits = slice.bytes.size() <= limits.document_bytes;
  if (!maybe_json && fits) marks.mark(slice.bytes);
  if (maybe_json || !fits || marks.odd()) {
    Builder builder(out, slice.bytes, slice.first_line, limits, table);
    if (!guard(slice, syntax, limits, builder)) {
      builder.finish(0);
      return;
    }
    if (maybe_json) {
      const JsonResult result = read_json(slice.bytes, builder);
      if (!result.ok && syntax == Syntax::kJson) {
        const std::uint32_t length = result.at < slice.bytes.size() ? 1 : 0;
        builder.fault("document/syntax", "this is not JSON: " + std::string(result.error), {result.at, length}, true);
      }
      if (result.ok || syntax == Syntax::kJson) {
        builder.without_comments();
        builder.finish(result.at);
        return;
      }
      marks.mark(slice.bytes);
    }
  }
  {
    Builder builder(out, slice.bytes, slice.first_line, limits, table);
    if (!marks.hash()) builder.without_comments();
    if (memory_->block_reader.read(slice.bytes, marks, builder)) {
      builder.finish(static_cast<std::uint32_t>(slice.bytes.size()));
      return;
    }
  }
  Builder builder(out, slice.bytes, slice.first_line, limits, table);
  if (!check_brackets(slice.bytes, builder)) {
    builder.finish(0);
    return;
  }
  read_yaml(slice.bytes, builder);
}

}  // namespace kubegate::document
