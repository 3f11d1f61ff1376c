// The build's own tool: bundles as text → the table that becomes part of the binary.
//
//   kubegate_compile OUT --lax FILE --removed FILE BUNDLE…      the bundle of Kubernetes first

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "validate/schema/bundle.h"
#include "validate/schema/compile.h"

namespace {

using namespace kubegate;

bool read_file(const std::string& path, std::string& out) {
  std::ifstream file(path, std::ios::binary);
  out.assign(std::istreambuf_iterator<char>(file), {});
  if (file) return true;
  std::fprintf(stderr, "kubegate_compile: cannot read %s\n", path.c_str());
  return false;
}

int fail(const Error& error) {
  std::fprintf(stderr, "kubegate_compile: %s\n", error.text().c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<schema::Bundle> bundles;
  std::vector<schema::Laxity> laxities;
  std::vector<schema::RemovedEntry> removed;
  if (argc < 3) return fail({ErrorCode::kArgument, "", "expected: OUT [--lax FILE] [--removed FILE] BUNDLE…"});
  for (int i = 2; i < argc; ++i) {
    const std::string option = argv[i];
    const bool is_option = option == "--lax" || option == "--removed";
    if (is_option && ++i == argc) return fail({ErrorCode::kArgument, option, "expected a file"});
    const std::string path = argv[i];
    std::string text;
    if (!read_file(path, text)) return 1;
    if (option == "--lax") {
      Result<std::vector<schema::Laxity>> parsed = schema::parse_laxities(text, path);
      if (!parsed.ok()) return fail(parsed.error());
      laxities = std::move(*parsed);
    } else if (option == "--removed") {
      Result<std::vector<schema::RemovedEntry>> parsed = schema::parse_removed(text, path);
      if (!parsed.ok()) return fail(parsed.error());
      removed = std::move(*parsed);
    } else {
      Result<schema::Bundle> bundle = schema::parse_bundle(text, path);
      if (!bundle.ok()) return fail(bundle.error());
      bundles.push_back(std::move(*bundle));
    }
  }
  Result<std::vector<std::uint64_t>> table = schema::compile_table(bundles, laxities, removed);
  if (!table.ok()) return fail(table.error());
  std::ofstream out(argv[1], std::ios::binary);
  out.write(reinterpret_cast<const char*>(table->data()), static_cast<std::streamsize>(table->size() * 8));
  out.close();
  return out ? 0 : fail({ErrorCode::kIo, argv[1], "cannot be written"});
}
