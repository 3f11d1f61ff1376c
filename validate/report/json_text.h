// JSON on the way to a sink, as the forms write it: texts that are no UTF-8 are repaired.
#pragma once

#include <rapidjson/prettywriter.h>
#include <rapidjson/writer.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "validate/report/text.h"

namespace kubegate::report {

// RapidJSON's idea of a stream, over the text of a sink.
struct TextStream {
  using Ch = char;
  std::string& text;
  void Put(char c) { text += c; }
  void Flush() {}
};

// For JSON inside a <script> of HTML, whose end a browser finds without reading JSON: there is no `<` in it.
struct ScriptStream : TextStream {
  void Put(char c) {
    if (c == '<') {
      text += "\\u003c";
    } else {
      text += c;
    }
  }
};

template <class Stream, class Writer>
class JsonText {
 public:
  explicit JsonText(std::string& text) : stream_{text}, writer_(stream_) {}
  JsonText(const JsonText&) = delete;
  JsonText& operator=(const JsonText&) = delete;

  Writer& writer() { return writer_; }

  void begin_object() { writer_.StartObject(); }
  void begin_object(std::string_view name) {
    key(name);
    writer_.StartObject();
  }
  void end_object() { writer_.EndObject(); }
  void begin_array() { writer_.StartArray(); }
  void begin_array(std::string_view name) {
    key(name);
    writer_.StartArray();
  }
  void end_array() { writer_.EndArray(); }

  void key(std::string_view name) { writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size())); }
  void string(std::string_view value) {
    const std::string text = valid_utf8(value);
    writer_.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  }
  void number(std::uint64_t value) { writer_.Uint64(value); }

  void member(std::string_view name, std::string_view value) {
    key(name);
    string(value);
  }
  void number(std::string_view name, std::uint64_t value) {
    key(name);
    number(value);
  }
  void boolean(std::string_view name, bool value) {
    key(name);
    writer_.Bool(value);
  }

 private:
  Stream stream_;
  Writer writer_;
};

using PrettyJson = JsonText<TextStream, rapidjson::PrettyWriter<TextStream>>;
using CompactJson = JsonText<TextStream, rapidjson::Writer<TextStream>>;
using ScriptJson = JsonText<ScriptStream, rapidjson::Writer<ScriptStream>>;

}  // namespace kubegate::report
