// Any bytes as an envelope and as a statement: no crash, and what can be read is written so that it reads the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "provision/gate/envelope.h"
#include "provision/gate/record.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kubegate::gate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto envelope = read_envelope(text); envelope.ok()) {
    const auto again = read_envelope(write_envelope(*envelope));
    if (!again.ok() || again->payload != envelope->payload) std::abort();
    static_cast<void>(read_record(envelope->payload));
  }
  if (const auto record = read_record(text); record.ok()) {
    const auto again = read_record(write_record(*record));
    if (!again.ok() || *again != *record) std::abort();
  }
  return 0;
}
