// A part of a report: all that any other form could want to know, so that joining parts needs neither the manifests nor
// the schemas. JSON holds no bytes that are no UTF-8, and such bytes count (a path is percent-encoded byte by byte, a
// fingerprint is of bytes): so a NUL in a text stands for the byte whose two hex digits follow it, NUL's own included.
//
// Tested in tests/validate/report/merge_test.cc.
#include <optional>
#include <type_traits>

#include "validate/report/forms.h"
#include "validate/report/json_text.h"
#include "validate/report/part_fields.h"
#include "validate/report/text.h"

namespace kubegate::report {

namespace {

std::string as_utf8(std::string_view bytes) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const CodePoint point = decode(bytes);
    const auto byte = static_cast<unsigned char>(bytes.front());
    if (byte == 0 || (point.length == 1 && byte >= 0x80)) {
      text += {'\0', kHex[byte >> 4], kHex[byte & 15]};
    } else {
      text += bytes.substr(0, point.length);
    }
    bytes.remove_prefix(point.length);
  }
  return text;
}

class Writer {
 public:
  explicit Writer(CompactJson& json) : json_(json) {}

  template <class T, class... Most>
  void operator()(std::string_view name, const T& value, Most...) {
    json_.key(name);
    put(value);
  }

  template <class T>
  void put(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      json_.writer().Bool(value);
    } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
      json_.number(static_cast<std::uint64_t>(value));
    } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
      json_.string(as_utf8(value));
    } else {
      json_.begin_object();
      fields(*this, value);
      json_.end_object();
    }
  }

  template <class T>
  void put(const std::vector<T>& values) {
    json_.begin_array();
    for (const T& value : values) put(value);
    json_.end_array();
  }

  template <class T>
  void put(const std::optional<T>& value) {
    if (value) {
      put(*value);
    } else {
      json_.writer().Null();
    }
  }

 private:
  CompactJson& json_;
};

class Part final : public Output {
 public:
  Part(OutputOptions options, Sink& sink) : options_(std::move(options)), sink_(sink) {
    sink_.text() += kPartBegin;
    sink_.text() += '\n';
  }

  void write(const Resource& resource) override {
    put_line(resource);
    ++resources_;
    sink_.drain();
  }

  void finish(const Summary& summary) override {
    static const Share kWhole;
    put_line(PartEnd{resources_, options_.version, options_.folder, options_.root, options_.targets,
                     summary.share != nullptr ? *summary.share : kWhole, summary});
  }

 private:
  template <class Record>
  void put_line(const Record& record) {
    CompactJson json(sink_.text());
    Writer(json).put(record);
    sink_.text() += '\n';
  }

  const OutputOptions options_;
  Sink& sink_;
  std::uint64_t resources_ = 0;
};

}  // namespace

std::unique_ptr<Output> make_part(OutputOptions options, Sink& sink) {
  return std::make_unique<Part>(std::move(options), sink);
}

}  // namespace kubegate::report
