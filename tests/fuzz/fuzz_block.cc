// Any bytes: what the block reader does not decline it reads as yaml-cpp does, node by node and span by span.

#include <cstdlib>
#include <cstring>
#include <string_view>

#include "validate/document/block_reader.h"
#include "validate/document/builder.h"
#include "validate/document/guard.h"
#include "validate/document/yaml_reader.h"

namespace {

using namespace kubegate::document;

bool same(const Document& a, const Document& b) {
  if (a.size() != b.size() || a.faults().size() != b.faults().size()) return false;
  for (NodeIndex i = 0; i < a.size(); ++i) {
    const Node& x = a[i];
    const Node& y = b[i];
    if (x.begin != y.begin || x.length != y.length || x.kind != y.kind || x.style != y.style || x.hash != y.hash) {
      return false;
    }
    if (x.kind == Kind::kString ? a.text(i) != b.text(i) : std::memcmp(&x.integer, &y.integer, 8) != 0) return false;
  }
  for (std::size_t i = 0; i < a.faults().size(); ++i) {
    if (a.faults()[i].message != b.faults()[i].message) return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view source(reinterpret_cast<const char*>(data), size);
  for (const Slice& slice : split(source, Syntax::kYaml)) {
    Document fast, slow;
    {
      Builder builder(fast, slice.bytes, 1, {});
      if (!check_bytes(slice.bytes, Syntax::kYaml, builder)) continue;
      if (!read_block(slice.bytes, builder)) continue;
      builder.finish(static_cast<std::uint32_t>(slice.bytes.size()));
    }
    Builder builder(slow, slice.bytes, 1, {});
    read_yaml(slice.bytes, builder);
    // yaml-cpp drops a break from what `>+` keeps (block_reader_test.cc).
    if (!same(fast, slow) && slice.bytes.find(">+") == std::string_view::npos) std::abort();
  }
  return 0;
}
