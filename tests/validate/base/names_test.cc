#include "validate/base/names.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace kubegate {
namespace {

const std::string k63(63, 'a'), k64(64, 'a'), k253(253, 'a'), k254(254, 'a');

struct Case {
  std::string text;
  // By NameForm: label, label1035, subdomain, path segment, qualified name, label value.
  const char* sound;
};

TEST(Names, Forms) {
  const Case cases[] = {
      {"a", "111111"},
      {"my-name", "111111"},
      {"1", "101111"},
      {"123-abc", "101111"},
      {"", "000101"},
      {"-a", "000100"},
      {"a-", "000100"},
      {"A", "000111"},
      {"a_b", "000111"},
      {"a.b", "001111"},
      {"a..b", "000111"},
      {"a.-b", "000111"},
      {"a-.b", "000111"},
      {".a", "000100"},
      {"a.", "000100"},
      {".", "000000"},
      {"..", "000000"},
      {"...", "000100"},
      {"with space", "000100"},
      {"\xc3\xa9", "000100"},
      {"x/y", "000010"},
      {"a%b", "000000"},
      {"example.com/Name_1", "000010"},
      {"UP.example.com/x", "000000"},
      {"example.com/", "000000"},
      {"/x", "000000"},
      {"a/b/c", "000000"},
      {k63, "111111"},
      {k64, "001100"},
      {k253, "001100"},
      {k254, "000100"},
      {k253 + "/" + k63, "000010"},
      {k254 + "/x", "000000"},
      {"x/" + k64, "000000"},
  };
  for (const Case& one : cases) {
    for (int form = 0; form < 6; ++form) {
      const NameForm name_form = static_cast<NameForm>(form);
      EXPECT_EQ(check_name(name_form, one.text), one.sound[form] == '1') << one.text << " form " << form;
      if (one.sound[form] == '0') {
        EXPECT_NE(describe_name_fault(name_form, one.text), "") << one.text;
      }
    }
  }
}

TEST(Names, Prefixes) {
  struct {
    NameForm form;
    std::string prefix;
    bool sound;
  } const cases[] = {
      {NameForm::kSubdomain, "app-", true},     {NameForm::kSubdomain, "app", true},
      {NameForm::kSubdomain, "app.", false},    {NameForm::kSubdomain, "a--", true},
      {NameForm::kSubdomain, "-", false},       {NameForm::kSubdomain, "App-", false},
      {NameForm::kSubdomain, k253 + "-", true}, {NameForm::kSubdomain, k254 + "-", false},
      {NameForm::kLabel, k63 + "-", true},      {NameForm::kLabel, k64 + "-", false},
      {NameForm::kLabel1035, "1-", true},       {NameForm::kLabel1035, "12-", false},
      {NameForm::kPathSegment, "..", true},     {NameForm::kPathSegment, "system:x-", true},
      {NameForm::kPathSegment, "a/", false},
  };
  for (const auto& one : cases) EXPECT_EQ(check_name_prefix(one.form, one.prefix), one.sound) << one.prefix;
}

TEST(Names, SaysWhatIsWrongAndWhatMayBeMeant) {
  EXPECT_EQ(describe_name_fault(NameForm::kLabel, ""), "must not be empty");
  EXPECT_EQ(describe_name_fault(NameForm::kLabel, k64), "must have at most 63 characters, not 64");
  EXPECT_EQ(describe_name_fault(NameForm::kQualifiedName, "example.com/" + k64),
            "must have, behind the '/', at most 63 characters, not 64");
  EXPECT_EQ(describe_name_fault(NameForm::kQualifiedName, "example.com/"), "must have a name behind the '/'");
  EXPECT_EQ(describe_name_fault(NameForm::kSubdomain, "My_App"),
            "must be a DNS name (lower-case letters, digits, '-' and '.', with a letter or digit at both ends of each "
            "part): did you mean \"my-app\"?");
  EXPECT_EQ(describe_name_fault(NameForm::kLabel, "a.b.").substr(0, 19), "must be a DNS label");
  EXPECT_TRUE(describe_name_fault(NameForm::kLabel, "a.b.").ends_with("did you mean \"a-b\"?"));
  EXPECT_FALSE(describe_name_fault(NameForm::kSubdomain, "what?").ends_with("?"));
}

// The forms by the letter, byte by byte.
bool is_small(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_any(char c) { return is_small(c) || (c >= 'A' && c <= 'Z'); }

template <class Ends>
bool is_made_of(std::string_view text, Ends ends, std::string_view others) {
  return !text.empty() && ends(text.front()) && ends(text.back()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return ends(c) || others.find(c) != others.npos; });
}

bool is_subdomain(std::string_view text) {
  if (text.size() > 253) return false;
  for (std::size_t dot = text.find('.'); dot != text.npos; dot = text.find('.')) {
    if (!is_made_of(text.substr(0, dot), is_small, "-")) return false;
    text.remove_prefix(dot + 1);
  }
  return is_made_of(text, is_small, "-");
}

bool is_plain(std::string_view text) { return text.size() <= 63 && is_made_of(text, is_any, "-_."); }

bool has_form(NameForm form, std::string_view text) {
  const std::size_t slash = text.find('/');
  switch (form) {
    case NameForm::kLabel: return text.size() <= 63 && is_made_of(text, is_small, "-");
    case NameForm::kLabel1035: return has_form(NameForm::kLabel, text) && (text[0] < '0' || text[0] > '9');
    case NameForm::kSubdomain: return is_subdomain(text);
    case NameForm::kPathSegment: return text != "." && text != ".." && text.find_first_of("/%") == text.npos;
    case NameForm::kQualifiedName:
      return slash == text.npos ? is_plain(text)
                                : is_subdomain(text.substr(0, slash)) && is_plain(text.substr(slash + 1));
    case NameForm::kLabelValue: return text.empty() || is_plain(text);
  }
  return false;
}

// Sound names of all lengths, and the same with one byte replaced by any other, at the places where blocks of bytes meet
// among them.
TEST(Names, AgreeWithTheLetter) {
  std::mt19937 random(3);
  int sound = 0, unsound = 0;
  const auto check = [&](const std::string& text) {
    // In memory of its own size, where a sanitizer sees a byte too many.
    const std::vector<char> exact(text.begin(), text.end());
    for (int form = 0; form < 6; ++form) {
      const bool found = check_name(static_cast<NameForm>(form), {exact.data(), exact.size()});
      EXPECT_EQ(found, has_form(static_cast<NameForm>(form), text)) << '"' << text << "\" form " << form;
      ++(found ? sound : unsound);
    }
  };
  constexpr std::string_view kAlphabets[] = {"abcxyz0189", "abz09-", "ab0-.", "aZ09-_.", "ab.-/"};
  for (std::size_t size = 0; size <= 70; ++size) {
    for (const std::string_view alphabet : kAlphabets) {
      std::string text;
      for (std::size_t i = 0; i < size; ++i) text += alphabet[random() % alphabet.size()];
      check(text);
      for (int i = 0; i < 8 && size > 0; ++i) {
        std::string changed = text;
        changed[random() % size] = static_cast<char>(random() % 256);
        check(changed);
      }
    }
  }
  for (int c = 0; c < 256; ++c) {
    for (std::size_t size : {1, 3, 5, 9, 16, 17, 40}) {
      for (std::size_t at = 0; at < size; ++at) {
        std::string text(size, 'a');
        text[at] = static_cast<char>(c);
        check(text);
      }
    }
  }
  EXPECT_GT(sound, 10000);
  EXPECT_GT(unsound, 10000);
}

}  // namespace
}  // namespace kubegate
