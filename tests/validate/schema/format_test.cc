// Formats, a row a text. Where a function of Go is named in format.cc, the rows are what that function says.

#include "validate/schema/format.h"

#include <gtest/gtest.h>

namespace kubegate::schema {
namespace {

struct Row {
  Format format;
  const char* text;
  bool sound;
};

const Row kRows[] = {
    {Format::kDateTime, "2024-01-31T08:00:00Z", true},
    {Format::kDateTime, "2024-01-31T08:00:00.123456789+01:00", true},
    {Format::kDateTime, "2024-02-29T00:00:00Z", true},
    {Format::kDateTime, "2023-02-29T00:00:00Z", false},
    {Format::kDateTime, "2000-02-29T00:00:00Z", true},
    {Format::kDateTime, "1900-02-29T00:00:00Z", false},
    {Format::kDateTime, "2024-13-01T00:00:00Z", false},
    {Format::kDateTime, "2024-01-31 08:00:00Z", false},
    {Format::kDateTime, "2024-01-31T08:00:00", false},
    {Format::kDateTime, "2024-01-31T24:00:00Z", false},
    {Format::kDateTime, "2024-01-31T08:00:00.Z", false},
    {Format::kDateTime, "2024-01-31", false},
    {Format::kDateTime, "", false},
    {Format::kMicroTime, "2024-01-31T08:00:00.000000Z", true},
    {Format::kMicroTime, "2024-01-31T08:00:00Z", false},
    {Format::kMicroTime, "2024-01-31T08:00:00.000Z", false},
    {Format::kByte, "", true},
    {Format::kByte, "aGk=", true},
    {Format::kByte, "aGk", false},
    {Format::kByte, "aG=k", false},
    {Format::kByte, "a===", false},
    {Format::kByte, "aGVsbG8h\naGk=\n", true},
    {Format::kByte, "aGk_", false},
    {Format::kGoDuration, "1h30m", true},
    {Format::kGoDuration, "1.5s", true},
    {Format::kGoDuration, "-.5ms", true},
    {Format::kGoDuration, "0", true},
    {Format::kGoDuration, "5", false},
    {Format::kGoDuration, "1d", false},
    {Format::kGoDuration, "", false},
    {Format::kGoDuration, "1us2ns3\xc2\xb5s", true},
    {Format::kDuration, "3 days", true},
    {Format::kDuration, "1h", true},
    {Format::kDuration, "3 lightyears", false},
    {Format::kDate, "2024-01-31", true},
    {Format::kDate, "2024-1-31", false},
    {Format::kIpv4, "10.0.0.1", true},
    {Format::kIpv4, "10.0.0.256", false},
    {Format::kIpv4, "10.0.0.01", false},
    {Format::kIpv4, "::1", false},
    {Format::kIpv6, "2001:db8::1", true},
    {Format::kIpv6, "10.0.0.1", false},
    {Format::kCidr, "10.0.0.0/16", true},
    {Format::kCidr, "10.0.0.0/33", false},
    {Format::kCidr, "2001:db8::/32", true},
    {Format::kCidr, "10.0.0.0/016", false},
    {Format::kCidr, "10.0.0.0", false},
    {Format::kUuid, "01234567-89ab-cdef-0123-456789ABCDEF", true},
    {Format::kUuid, "0123456789abcdef0123456789abcdef", true},
    {Format::kUuid, "01234567-89ab-cdef-0123-456789abcdeg", false},
    {Format::kHostname, "a.example.com", true},
    {Format::kHostname, "-a.example.com", false},
    {Format::kHostname, "a..b", false},
    {Format::kMac, "00:00:5e:00:53:01", true},
    {Format::kMac, "0000.5e00.5301", true},
    {Format::kMac, "00:00:5e:00:53", false},
    {Format::kMac, "00:00:5e:00:53:01:", false},
    {Format::kUri, "https://example.com/a", true},
    {Format::kUri, "/a/b", true},
    {Format::kUri, "a b", false},
    {Format::kUri, "example.com", false},
    {Format::kEmail, "a@example.com", true},
    {Format::kEmail, "a", false},
    {Format::kHexColor, "#ff00aa", true},
    {Format::kHexColor, "#ff00a", false},
    {Format::kObjectId, "0123456789abcdef01234567", true},
    {Format::kNone, "anything", true},
};

TEST(Format, Rows) {
  for (const Row& row : kRows) {
    EXPECT_EQ(check_format(row.format, row.text), row.sound) << describe_format(row.format) << ": " << row.text;
  }
}

TEST(Format, Quantities) {
  for (const char* sound : {"0", "100m", "1.5Gi", "1e3", "1E3", "1e-3", ".5", "5.", "+1", "-1k", "1Ei", "1E", "1n",
                            "1u", " 64Mi", "12345678901234567890"}) {
    EXPECT_TRUE(check_quantity(sound)) << sound;
  }
  for (const char* wrong :
       {"", "m", ".", "1 Gi", "1gi", "1KiB", "1e", "5%", "100m5", "1ee3", "0x10", "1.2.3", "Inf", "1e3k", "--1"}) {
    EXPECT_FALSE(check_quantity(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace kubegate::schema
