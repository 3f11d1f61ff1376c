// Any bytes as a bundle: an error or a bundle, whose text reads as the same bundle and which compiles or says why not.

#include <cstdlib>
#include <span>
#include <string_view>

#include "validate/schema/bundle.h"
#include "validate/schema/compile.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kubegate::schema;
  const auto bundle = parse_bundle({reinterpret_cast<const char*>(data), size}, "input");
  if (!bundle.ok()) return 0;
  const auto again = parse_bundle(print_bundle(*bundle), "printed");
  if (!again.ok() || !(*again == *bundle)) std::abort();
  static_cast<void>(compile_table(std::span(&*bundle, 1), {}, {}));
  return 0;
}
