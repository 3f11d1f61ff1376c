// DER as golang.org/x/crypto/cryptobyte reads it: low tag numbers, definite and minimal lengths. Views only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kubegate::rego {

// An object identifier's arcs.
using Oid = std::vector<std::int64_t>;

class Der {
 public:
  static constexpr std::uint8_t kBoolean = 0x01, kInteger = 0x02, kBitString = 0x03, kOctetString = 0x04, kNull = 0x05,
                                kOid = 0x06, kUtf8String = 0x0c, kSequence = 0x30, kSet = 0x31, kNumericString = 0x12,
                                kPrintableString = 0x13, kT61String = 0x14, kIa5String = 0x16, kUtcTime = 0x17,
                                kGeneralizedTime = 0x18, kBmpString = 0x1e;
  // Tag n of the context: plain, and constructed.
  static constexpr std::uint8_t context(int n) { return static_cast<std::uint8_t>(0x80 | n); }
  static constexpr std::uint8_t constructed(int n) { return static_cast<std::uint8_t>(0xa0 | n); }

  Der() = default;
  explicit Der(std::string_view bytes) : bytes_(bytes) {}

  bool empty() const { return bytes_.empty(); }
  std::string_view bytes() const { return bytes_; }
  bool peek(std::uint8_t tag) const { return !bytes_.empty() && static_cast<std::uint8_t>(bytes_[0]) == tag; }

  // Each takes the next element off the front; false, with nothing taken, when it is not there or broken.
  bool read_any(std::uint8_t& tag, std::string_view& contents, std::string_view* whole = nullptr);
  bool read(std::uint8_t tag, std::string_view& contents);
  bool read(std::uint8_t tag, Der& contents);
  bool read_whole(std::uint8_t tag, std::string_view& whole);
  // Absent is fine: `present` tells.
  bool read_optional(std::uint8_t tag, Der& contents, bool& present);
  // The minimal two's complement of an INTEGER (or of a context tag that stands for it).
  bool read_integer(std::string_view& contents, std::uint8_t tag = kInteger);
  bool read_int64(std::int64_t& out, std::uint8_t tag = kInteger);
  bool read_boolean(bool& out);
  bool read_oid(Oid& out);
  // Bits as bytes with `unused` bits behind them, all zero.
  bool read_bits(std::string_view& bytes, int& unused);

 private:
  std::string_view bytes_;
};

// The arcs of an OID's contents; false when it is broken or an arc is past 31 bits.
bool parse_oid(std::string_view contents, Oid& out);
// "1.2.840.113549".
std::string dotted(const Oid& oid);
// Bits moved so that the unused ones are in front: asn1.BitString.RightAlign.
std::string right_aligned(std::string_view bytes, int unused);

}  // namespace kubegate::rego
