// Table: compiled schemas, the program that the checker runs.
//
// The idea. All schemas of all versions are one block of memory that refers to itself by indexes alone, so the block
// that the build compiles from schemas/ is part of the binary and mapped, not parsed, at start; a user's CRDs compile
// to the same form at run time. A *shape* is one schema node; what differs between versions are *variants* of it,
// which stand behind one another and carry the versions that they hold for. One walk over a document judges all
// versions at once: the walk carries the set of versions still to be judged and hands each variant its part.
//
// An object is one operation: a perfect hash from the key's hash to its property, a bit for each required property.
// What is checked rarely (bounds, enums, patterns, value checks) stands aside in Facts, so a shape stays small.
//
// compile.cc writes it (cold), check.cc and explain.cc walk it, catalogue.cc looks kinds up.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "validate/base/hash.h"
#include "validate/base/result.h"
#include "validate/schema/model.h"

namespace kubegate::schema {

// Formats whose syntax somebody checks; what native decoding and CRDs ignore is kNone.
enum class Format : std::uint8_t {
  kNone,
  kInt32,
  kInt64,
  kByte,
  kDateTime,
  kMicroTime,
  kGoDuration,
  kDate,
  kDuration,
  kIpv4,
  kIpv6,
  kCidr,
  kUri,
  kEmail,
  kHostname,
  kUuid,
  kMac,
  kObjectId,
  kIsbn,
  kHexColor,
  kRgbColor,
  kCreditCard,
  kSsn,
  kPassword,
};

using Index = std::uint32_t;  // into an array of the table; 0 is "none" for all but strings

struct TextRef {  // into the table's strings
  std::uint32_t begin = 0;
  std::uint32_t length = 0;
};

struct Shape {
  static constexpr std::uint8_t kMore = 1;    // the next shape is a further variant of this one
  static constexpr std::uint8_t kNative = 2;  // decoded as Go decodes (null is the zero value, …)
  static constexpr std::uint8_t kNullable = 4;
  static constexpr std::uint8_t kClosed = 8;       // unknown fields are errors in strict mode
  static constexpr std::uint8_t kEmbedded = 16;    // holds a whole Kubernetes object
  static constexpr std::uint8_t kHasDefault = 32;  // an absent or null value becomes the default
  static constexpr std::uint8_t kObjectMeta = 64;  // the metadata of a custom resource: checked as ObjectMeta

  VersionMask versions = 0;
  Type type = Type::kAny;
  std::uint8_t flags = 0;
  Format format = Format::kNone;
  std::uint8_t list = 0;  // 1 + ListType where the server checks it (custom resources), 0 for any other list
  Index object = 0;       // into objects: properties, additional, required
  Index items = 0;        // shape of an array's items; of the type referred to when kReference
  Index facts = 0;        // into facts
};

// What an object may and must hold.
struct Object {
  Index first_property = 0;  // properties stand together, sorted by name
  std::uint32_t property_count = 0;
  Index first_slot = 0;  // slots[first_slot + (hash * multiplier >> shift)] is 1 + a property's place, or 0
  std::uint32_t multiplier = 0;
  std::uint8_t shift = 31;  // at most 31; without properties, all hashes lead to slots[0], which is 0
  std::uint8_t additional_sound = 0;  // as Property::sound, of `additional`
  std::uint8_t padding[2] = {};
  Index additional = 0;  // shape of all other values
  Index first_required = 0;
  std::uint32_t required_count = 0;
};

struct Property {
  static constexpr std::uint8_t kNoBit = 255;

  std::uint32_t hash = 0;
  TextRef name;
  VersionMask versions = 0;  // that have it
  VersionMask demoted = 0;   // … in which what is missing below it is a warning: the server does not look
  Index shape = 0;
  std::uint8_t required_bit = kNoBit;
  std::uint8_t sound = 0;  // bit document::Kind: any value of this kind is sound, and needs no further look
  std::uint8_t padding[2] = {};
};

struct Required {
  TextRef name;
  VersionMask versions = 0;  // in which its absence is an error
  std::uint8_t bit = 0;      // Property::required_bit; kNoBit: no such property, look for the key itself
  std::uint8_t padding[3] = {};
};

struct RuleText {
  TextRef expression, message, message_expression, reason, field_path;
  std::uint32_t optional_old_self = 0;
};

// What few shapes have. Ranges are [first, first + count).
struct FactsRecord {
  static constexpr std::uint32_t kMinimum = 1, kMaximum = 2, kMultipleOf = 4, kExclusiveMinimum = 8,
                                 kExclusiveMaximum = 16, kMinLength = 32, kMaxLength = 64, kMinItems = 128,
                                 kMaxItems = 256, kMinProperties = 512, kMaxProperties = 1024, kUniqueItems = 2048,
                                 kPattern = 4096;
  std::uint32_t present = 0;
  Index pattern = 0;  // into patterns
  double minimum = 0, maximum = 0, multiple_of = 0;
  std::int64_t min_length = 0, max_length = 0, min_items = 0, max_items = 0, min_properties = 0, max_properties = 0;
  Index first_enum = 0, enum_count = 0;        // into texts: JSON texts
  Index first_map_key = 0, map_key_count = 0;  // into texts: keys of a list map
  Index first_rule = 0, rule_count = 0;        // into rules
  Index first_branch = 0;                      // into branches: all_of, then any_of, then one_of, then negated
  std::uint32_t all_of = 0, any_of = 0, one_of = 0, negated = 0;
  TextRef default_value;  // JSON text
  std::uint32_t padding = 0;
};

struct KindRecord {
  TextRef group, version, kind, plural, api_version;
  Index unit = 0;
  Index shape = 0;
  VersionMask known = 0, served = 0, deprecated = 0;
  std::uint32_t cluster_scoped = 0;
};

// One bundle.
struct Unit {
  TextRef project;
  Index first_version = 0, version_count = 0;  // into texts: names; the dates stand in `first_date`
  Index first_date = 0;
  Index first_kind = 0, kind_count = 0;
  std::uint32_t native = 0;
};

// An API version that left before any bundle, or a kind that another replaced (schemas/kubernetes.removed).
struct Removed {
  TextRef api_version, kind;
  TextRef removed_in;                 // "1.25"; of a project: its own version, or ""
  TextRef new_api_version, new_kind;  // "" where text says it
  TextRef text;
};

// The arrays of a table in the order they stand in its memory.
#define KUBEGATE_TABLE_ARRAYS(X)                                                                            \
  X(Unit, units)                                                                                            \
  X(KindRecord, kinds)                                                                                      \
  X(Index, kind_slots) X(Shape, shapes) X(Object, objects) X(Property, properties) X(std::uint16_t, slots)  \
      X(Required, required) X(FactsRecord, facts) X(TextRef, texts) X(TextRef, patterns) X(RuleText, rules) \
          X(Index, branches) X(Removed, removed) X(char, strings)

struct TableHeader {
  static constexpr std::uint32_t kMagic = 0x6b676174;
  std::uint32_t magic = kMagic;
  std::uint32_t byte_size = 0;
  struct Array {
    std::uint32_t offset = 0;  // bytes from the start of the table
    std::uint32_t count = 0;
  };
#define KUBEGATE_TABLE_HEADER(T, name) Array name;
  KUBEGATE_TABLE_ARRAYS(KUBEGATE_TABLE_HEADER)
#undef KUBEGATE_TABLE_HEADER
};

// Compiled patterns of a table, made when first asked for. Thread-safe.
class PatternCache;

// A view of a table's memory, which must be 8-byte aligned, outlive it, and have come from compile_table.
class Table {
 public:
  Table(const void* memory, std::size_t size);
  ~Table();
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

#define KUBEGATE_TABLE_VIEW(T, name)                                                        \
  std::span<const T> name() const {                                                         \
    return {reinterpret_cast<const T*>(base_ + header_->name.offset), header_->name.count}; \
  }
  KUBEGATE_TABLE_ARRAYS(KUBEGATE_TABLE_VIEW)
#undef KUBEGATE_TABLE_VIEW

  std::string_view text(TextRef ref) const { return {text_begin_ + ref.begin, ref.length}; }

  // The one property whose name may have this hash; null when there is none in any version. Whether it is the name is
  // for the caller to compare. Names are padded keys (hash.h).
  const Property* find_hash(const Object& object, std::uint32_t hash) const {
    const std::uint16_t place = first_slot_[object.first_slot + ((hash * object.multiplier) >> object.shift)];
    if (place == 0) return nullptr;
    const Property& property = first_property_[object.first_property + place - 1];
    return property.hash == hash ? &property : nullptr;
  }

  // The property of this name and hash; null when there is none in any version.
  const Property* find_property(const Object& object, std::uint32_t hash, std::string_view name) const {
    const Property* const property = find_hash(object, hash);
    return property != nullptr && text(property->name) == name ? property : nullptr;
  }

  // The kind's index in kinds(); 0 when there is none (kinds()[0] is unused).
  Index find_kind(std::string_view api_version, std::string_view kind) const;

  // Whether `text` matches the pattern somewhere (RE2 syntax, as Go has it). A pattern that RE2 refuses matches all.
  bool matches(Index pattern, std::string_view text) const;

 private:
  const char* base_;
  const TableHeader* header_;
  // Where these arrays begin: find_property() is the heart of the hot walk.
  const char* text_begin_;
  const std::uint16_t* first_slot_;
  const Property* first_property_;
  std::unique_ptr<PatternCache> patterns_;
};

// The hash under which a kind stands in kind_slots.
std::uint32_t hash_kind(std::string_view api_version, std::string_view kind);

}  // namespace kubegate::schema
