// The first component of a reference is a domain when it has a dot or a port, or is `localhost`; the tag begins at the
// first `:` or `@` behind the domain. The checks of the parts keep these signs out of places where they would be taken
// for something else the next time.
//
// Tested in tests/policy/gatekeeper/mutation_test.cc.
#include "policy/gatekeeper/mutator_image.h"

#include <algorithm>

namespace kubegate::gatekeeper {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }
bool is_word(char c) { return is_letter(c) || is_digit(c) || c == '_'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

template <class Test>
bool all_of(std::string_view text, Test test) {
  return std::all_of(text.begin(), text.end(), test);
}

struct Image {
  std::string_view domain, path, tag;
};

Image split_image(std::string_view reference) {
  Image image;
  const std::size_t slash = reference.find('/');
  if (slash != reference.npos) {
    const std::string_view first = reference.substr(0, slash);
    if (first == "localhost" || first.find_first_of(".:") != first.npos) {
      image.domain = first;
      reference.remove_prefix(slash + 1);
    }
  }
  const std::size_t mark = std::min(reference.find_first_of(":@"), reference.size());
  image.path = reference.substr(0, mark);
  image.tag = reference.substr(mark);
  return image;
}

// `localhost` or a name with a dot inside, and maybe a port.
bool is_domain(std::string_view text) {
  if (const std::size_t colon = text.find(':'); colon != text.npos) {
    const std::string_view port = text.substr(colon + 1);
    if (port.empty() || !all_of(port, is_digit)) return false;
    text = text.substr(0, colon);
  }
  if (text == "localhost") return true;
  return !text.empty() && is_word(text.front()) && is_word(text.back()) && text.find('.') != text.npos &&
         all_of(text, [](char c) { return is_word(c) || c == '-' || c == '.'; });
}

// Words of small letters and digits, between them one of `.`, `_` and `/`, two `_`, or any number of `-`.
bool is_path(std::string_view text) {
  const auto in_word = [](char c) { return is_lower(c) || is_digit(c); };
  if (text.empty() || !in_word(text.front()) || !in_word(text.back())) return false;
  for (std::size_t i = 0; i < text.size();) {
    if (in_word(text[i])) {
      ++i;
      continue;
    }
    const std::size_t begin = i;
    while (!in_word(text[i])) ++i;  // ends, for the last character is in a word
    const std::string_view between = text.substr(begin, i - begin);
    const bool dashes = all_of(between, [](char c) { return c == '-'; });
    if (!dashes && between != "." && between != "_" && between != "/" && between != "__") return false;
  }
  return true;
}

bool is_tag(std::string_view text) {
  if (text.starts_with(':')) {
    text.remove_prefix(1);
    return !text.empty() && text.size() <= 128 && is_word(text.front()) &&
           all_of(text, [](char c) { return is_word(c) || c == '.' || c == '-'; });
  }
  // @algorithm:digits, where the algorithm is words that begin with a letter, joined by one sign.
  const std::size_t colon = text.find(':');
  if (!text.starts_with('@') || colon == text.npos) return false;
  const std::string_view digits = text.substr(colon + 1);
  if (digits.size() < 32 || !all_of(digits, is_hex)) return false;
  bool begins = true;
  for (const char c : text.substr(1, colon - 1)) {
    const bool joins = c == '-' || c == '_' || c == '+' || c == '.';
    if (begins ? !is_letter(c) : !(is_letter(c) || is_digit(c) || joins)) return false;
    begins = joins;
  }
  return !begins;
}

}  // namespace

std::string check_image_parts(const ImageParts& parts) {
  if (parts.domain.empty() && parts.path.empty() && parts.tag.empty()) {
    return "one of assignDomain, assignPath and assignTag must be set";
  }
  if (!parts.domain.empty() && !is_domain(parts.domain)) {
    return "assignDomain \"" + parts.domain + "\" is no domain name with a dot, nor localhost";
  }
  if (!parts.path.empty() && !is_path(parts.path)) {
    return "assignPath \"" + parts.path + "\" is no path of an image";
  }
  if (!parts.tag.empty() && !is_tag(parts.tag)) {
    return "assignTag \"" + parts.tag + "\" is no tag or digest, which begin with ':' or '@'";
  }
  if (parts.domain.empty() && !split_image(parts.path).domain.empty()) {
    return "assignPath \"" + parts.path + "\" begins with what looks like a domain: set assignDomain too";
  }
  return {};
}

std::string mutate_image(const ImageParts& parts, std::string_view image) {
  const Image old = split_image(image);
  const std::string_view domain = parts.domain.empty() ? old.domain : parts.domain;
  std::string out(domain);
  if (!domain.empty()) out += '/';
  out += parts.path.empty() ? old.path : parts.path;
  out += parts.tag.empty() ? old.tag : parts.tag;
  return out;
}

}  // namespace kubegate::gatekeeper
