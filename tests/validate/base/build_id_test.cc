#include "validate/base/build_id.h"

#include <gtest/gtest.h>

#include "tests/support/folder.h"
#include "validate/base/base64.h"

namespace kubegate {
namespace {

// The linker has put it into the file.
TEST(BuildId, IsThatOfTheProgram) {
  const std::string own = build_id().substr(0, build_id().find(' '));
  ASSERT_EQ(own.size(), 40u) << build_id();
  std::string bytes;
  for (std::size_t i = 0; i < own.size(); i += 2) {
    bytes += static_cast<char>(hex_value(own[i]) << 4 | hex_value(own[i + 1]));
  }
  EXPECT_NE(read_text("/proc/self/exe").find(bytes), std::string::npos);
}

}  // namespace
}  // namespace kubegate
