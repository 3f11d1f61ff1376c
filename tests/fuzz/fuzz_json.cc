#include "fuzz_document.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return kubegate::document::fuzz::read_any(data, size, kubegate::document::Syntax::kJson);
}
