#include <utility>

#include "validate/source/select.h"

namespace kubegate::source {

namespace {

class Text final : public Content {
 public:
  explicit Text(std::string text) : text_(std::move(text)) {}
  std::uint64_t size() const override { return text_.size(); }
  Result<std::string_view> read(std::uint64_t limit, Buffer&) const override {
    if (text_.size() > limit) return over_limit(limit);
    return std::string_view(text_);
  }

 private:
  const std::string text_;
};

}  // namespace

std::shared_ptr<const Content> text_content(std::string text) { return std::make_shared<Text>(std::move(text)); }

Result<std::string_view> read_input(const Input& input, std::uint64_t limit, Buffer& buffer, std::uint64_t expected) {
  if (input.kind == Input::Kind::kContent) return input.content->read(limit, buffer);
  return read_file(input.path, limit, buffer, expected);
}

}  // namespace kubegate::source
