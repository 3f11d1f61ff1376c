#include "validate/base/names.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace kubegate
