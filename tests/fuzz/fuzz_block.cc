// Any bytes: what the block reader does not decline it reads as yaml-cpp does: the same nodes with the same spans and
// texts, and the same faults.

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "fuzz_document.h"
#include "validate/document/block_reader.h"
#include "validate/document/builder.h"
#include "validate/document/guard.h"
#include "validate/document/marks.h"
#include "validate/document/yaml_reader.h"

namespace kubegate::document {
namespace {

// What tells two documents apart; null when nothing does.
const char* difference(const Document& a, const Document& b) {
  if (a.size() != b.size()) return "the numbers of nodes differ";
  for (NodeIndex i = 0; i < a.size(); ++i) {
    const Node& x = a[i];
    const Node& y = b[i];
    if (x.begin != y.begin || x.length != y.length) return "spans differ";
    if (x.kind != y.kind || x.style != y.style || x.flags != y.flags || x.hash != y.hash) return "nodes differ";
    if (x.kind == Kind::kString) {
      if (a.text(i) != b.text(i)) return "texts differ";
    } else if (std::memcmp(&x.integer, &y.integer, sizeof x.integer) != 0) {
      return "values differ";
    }
  }
  if (a.complete() != b.complete() || a.faults().size() != b.faults().size()) return "the numbers of faults differ";
  for (std::size_t i = 0; i < a.faults().size(); ++i) {
    const Finding& x = a.faults()[i];
    const Finding& y = b.faults()[i];
    if (x.rule != y.rule || x.message != y.message || x.span.begin != y.span.begin || x.span.length != y.span.length) {
      return "faults differ";
    }
  }
  return nullptr;
}

void compare(std::string_view source) {
  // Reused, as workers do.
  static Marks marks;
  static BlockReader reader;
  static Document fast, slow;
  // Small bounds, so that the fuzzer meets them.
  const Limits limits{1 << 20, 1 << 16, 20, 5000};
  if (source.size() > limits.document_bytes) return;
  marks.mark(source);
  {
    Builder builder(fast, source, 1, limits);
    if (marks.odd() && !check_bytes(source, Syntax::kYaml, builder)) return;
    if (!reader.read(source, marks, builder)) return;
    builder.finish(static_cast<std::uint32_t>(source.size()));
  }
  if (const std::string broken = testing::broken_promise(fast); !broken.empty()) fuzz::fail(broken.c_str());
  // yaml-cpp drops a line break from what `>+` keeps; the cluster's parser and this reader do not
  // (tests/validate/document/block_reader_test.cc).
  if (source.find(">+") != std::string_view::npos) return;
  Builder builder(slow, source, 1, limits);
  read_yaml(source, builder);
  if (const char* what = difference(fast, slow)) fuzz::fail(what);
}

}  // namespace
}  // namespace kubegate::document

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kubegate::document;
  for (const Slice& slice : split({reinterpret_cast<const char*>(data), size}, Syntax::kYaml)) compare(slice.bytes);
  return 0;
}
