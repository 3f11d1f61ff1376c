// What a scalar means to the cluster: the table by which kubegate reads scalars and keys. A second one, for files that
// the cluster never sees, differs in few words.
//
// The cluster reads manifests through sigs.k8s.io/yaml, that is, by a YAML 1.1 resolver, and hands on JSON. So there
// are two steps: resolve() says which type the text has, and to_value() or key_text() what JSON makes of that type.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "validate/document/document.h"

namespace kubegate::document {

// The types of the cluster's resolver, to which timestamps are strings.
enum class ScalarType : std::uint8_t {
  kNull,
  kBool,
  kInt,
  kUnsigned,  // above int64, fits uint64
  kFloat,
  kString,
  kBinary,     // !!binary: a string, base64
  kTimestamp,  // with ScalarTable::kYaml12: a string, in the form that timestamp_text() gives it
  kMismatch,   // the text is none of what its tag demands: the cluster refuses the document
};

struct Resolution {
  ScalarType type = ScalarType::kNull;
  ScalarType found = ScalarType::kNull;  // with kMismatch: what the text would have been
  union {
    bool boolean;
    std::int64_t integer;
    std::uint64_t unsigned_integer;
    double number;
  };

  Resolution() : integer(0) {}
};

inline constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";

// The type of a scalar. `tag` as in ScalarToken: "" is none, "!" the non-specific one, which makes a string of
// everything; tags of other languages than YAML do so too. Rules: goyaml.v2 resolve(); of kYaml12 go.yaml.in/yaml/v3
// resolve().
Resolution resolve(Style style, std::string_view tag, std::string_view text, ScalarTable table = ScalarTable::kCluster);

// A date or a time that resolved to kTimestamp as JSON has it: RFC 3339. Rule: time.Time.MarshalJSON of Go.
std::string timestamp_text(std::string_view text);

// True for the key `<<`, whose value is merged into the mapping. Rule: goyaml.v2 isMerge().
bool is_merge_key(Style style, std::string_view tag, std::string_view text);

// Sets kind and value of `node` for every type but kString, kBinary and kMismatch. False where JSON cannot hold the
// value (NaN and infinity). A number without fraction that fits int64 becomes kInt, as the server decodes it.
bool to_value(const Resolution& resolution, Node& node);

inline constexpr std::size_t kKeyBuffer = 32;

// The text of a key that resolved to a boolean or a number; it may stand in `buffer`. Empty where the cluster takes
// no such key (null, and integers above int64). Rule: sigs.k8s.io/yaml convertToJSONableObject().
std::string_view key_text(const Resolution& resolution, char (&buffer)[kKeyBuffer]);

// Decodes standard base64 (line breaks allowed) to `out`, which has room for text.size() bytes. The size, or npos
// when `text` is no base64.
std::size_t decode_base64(std::string_view text, char* out);

// The name that a message gives a type: "an integer", "a string", …
std::string_view type_name(ScalarType type);

}  // namespace kubegate::document
