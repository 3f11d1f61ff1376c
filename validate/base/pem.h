// PEM blocks as Go's encoding/pem reads them.
#pragma once

#include <string>
#include <string_view>

namespace kubegate {

struct PemBlock {
  std::string type;   // "CERTIFICATE"
  std::string bytes;  // decoded
};

// The first whole block of `text` (pem.Decode), which is then what stands behind it; false with `text` as it was when
// there is none. Text between blocks is skipped.
bool read_pem(std::string_view& text, PemBlock& block);

}  // namespace kubegate
