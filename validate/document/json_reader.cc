// The idea: RapidJSON checks the syntax and decodes strings; where each value stands follows from walking the source
// beside it, since between two JSON values there is only white space, commas and colons, and a value shows by its
// first byte where it ends. Its iterative parser keeps its own stack, so nesting cannot overflow ours.
//
// Numbers are handed on as they are written: what they mean is the builder's business, as for YAML.
// Tested in tests/validate/document/json_test.cc.
#include "validate/document/json_reader.h"

#include <rapidjson/error/error.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <string>

namespace kubegate::document {
namespace {

// RapidJSON lets the second half of a surrogate pair pass alone. It becomes U+FFFD, as Go makes it.
std::string without_surrogates(std::string_view text) {
  std::string out(text);
  for (std::size_t i = out.find('\xed'); i != std::string::npos; i = out.find('\xed', i + 1)) {
    if (static_cast<unsigned char>(out[i + 1]) >= 0xa0) out.replace(i, 3, "\xef\xbf\xbd");
  }
  return out;
}

class Handler {
 public:
  Handler(std::string_view source, Builder& builder) : source_(source), builder_(builder) {}

  std::uint32_t offset() const { return static_cast<std::uint32_t>(at_); }

  // Behind white space, commas and colons: where the next token starts.
  std::size_t next_token() const { return std::min(source_.find_first_not_of(" \t\r\n,:", at_), source_.size()); }

  bool Null() { return plain(4); }
  bool Bool(bool value) { return plain(value ? 4 : 5); }
  bool RawNumber(const char*, rapidjson::SizeType size, bool) { return plain(size); }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    const std::size_t begin = next_token();
    at_ = string_end(begin);
    ScalarToken token{{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_ - begin)},
                      Style::kDoubleQuoted,
                      {text, size},
                      {}};
    std::string replaced;
    if (token.text.find('\xed') != std::string_view::npos) {
      replaced = without_surrogates(token.text);
      token.text = replaced;
    }
    builder_.scalar(token);
    return !builder_.stopped();
  }
  bool Key(const char* text, rapidjson::SizeType size, bool copy) { return String(text, size, copy); }
  bool StartObject() {
    at_ = next_token();
    builder_.begin_map(offset(), Style::kFlow);
    ++at_;
    return !builder_.stopped();
  }
  bool StartArray() {
    at_ = next_token();
    builder_.begin_sequence(offset(), Style::kFlow);
    ++at_;
    return !builder_.stopped();
  }
  bool EndObject(rapidjson::SizeType) { return end(); }
  bool EndArray(rapidjson::SizeType) { return end(); }

  // Demanded by RapidJSON, which never calls them where numbers are handed on as they are written.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }

 private:
  std::size_t string_end(std::size_t begin) const {
    for (std::size_t i = begin + 1; i < source_.size(); ++i) {
      if (source_[i] == '"') return i + 1;
      if (source_[i] == '\\') ++i;
    }
    return source_.size();
  }

  // null, true, false or a number.
  bool plain(std::size_t size) {
    at_ = next_token();
    const std::string_view text = source_.substr(at_, size);
    builder_.scalar({{offset(), static_cast<std::uint32_t>(text.size())}, Style::kPlain, text, {}});
    at_ += text.size();
    return !builder_.stopped();
  }

  bool end() {
    at_ = next_token() + 1;
    builder_.end_collection(offset());
    return !builder_.stopped();
  }

  std::string_view source_;
  Builder& builder_;
  std::size_t at_ = 0;
};

std::string_view words(rapidjson::ParseErrorCode code) {
  switch (code) {
    case rapidjson::kParseErrorDocumentEmpty: return "there is no value";
    case rapidjson::kParseErrorDocumentRootNotSingular: return "something stands behind the value";
    case rapidjson::kParseErrorValueInvalid: return "this is no JSON value";
    case rapidjson::kParseErrorObjectMissName: return "a key in double quotes is missing";
    case rapidjson::kParseErrorObjectMissColon: return "a colon is missing behind the key";
    case rapidjson::kParseErrorObjectMissCommaOrCurlyBracket: return "a comma or `}` is missing";
    case rapidjson::kParseErrorArrayMissCommaOrSquareBracket: return "a comma or `]` is missing";
    case rapidjson::kParseErrorStringUnicodeEscapeInvalidHex: return "behind `\\u` stand four hexadecimal digits";
    case rapidjson::kParseErrorStringUnicodeSurrogateInvalid: return "this escape is half of a surrogate pair";
    case rapidjson::kParseErrorStringEscapeInvalid: return "JSON knows no such escape";
    case rapidjson::kParseErrorStringMissQuotationMark: return "the quote that opens here is not closed";
    case rapidjson::kParseErrorNumberTooBig: return "this number is too large for a 64-bit float";
    case rapidjson::kParseErrorNumberMissFraction: return "digits are missing behind the point";
    case rapidjson::kParseErrorNumberMissExponent: return "digits are missing in the exponent";
    default: return "this is no JSON";
  }
}

}  // namespace

JsonResult read_json(std::string_view source, Builder& builder) {
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;
  rapidjson::MemoryStream stream(source.data(), source.size());
  rapidjson::Reader reader;
  Handler handler(source, builder);
  const rapidjson::ParseResult parsed = reader.Parse<kFlags>(stream, handler);
  if (!parsed && parsed.Code() != rapidjson::kParseErrorTermination) {
    std::size_t at = std::min(parsed.Offset(), source.size());
    std::string_view error = words(parsed.Code());
    if (parsed.Code() == rapidjson::kParseErrorStringMissQuotationMark) at = handler.next_token();
    if (at < source.size() && static_cast<unsigned char>(source[at]) < 0x20 &&
        parsed.Code() == rapidjson::kParseErrorStringEscapeInvalid) {
      error = "a text cannot hold a line break or another control character: escape it";
    }
    return {false, static_cast<std::uint32_t>(at), error};
  }
  return {true, handler.offset(), {}};
}

}  // namespace kubegate::document
