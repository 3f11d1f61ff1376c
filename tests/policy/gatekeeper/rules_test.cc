// The rule library's own order: what its README says of all rules.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "policy/gatekeeper/template.h"
#include "policy/policy_tool/objects.h"

namespace kubegate::gatekeeper {
namespace {

TEST(Rules, ALibraryHasTheSameTextInEachTemplate) {
  const auto objects = policy_tool::read_objects({std::string(KUBEGATE_SOURCE_DIR) + "/rules"}, false);
  ASSERT_TRUE(objects.ok()) << objects.error().text();
  std::map<std::string, std::pair<std::string, std::string>> known;  // by its first line: text, where
  std::size_t libraries = 0;
  for (const policy_tool::Object& object : objects->objects) {
    if (object.identity.kind != "ConstraintTemplate") continue;
    std::vector<PolicyFinding> findings;
    const Template form = read_template(object.document, object.node, findings);
    for (std::size_t i = 1; i < form.modules.size(); ++i) {
      const std::string text(object.document->document.text(form.modules[i]));
      const auto [first, added] = known.try_emplace(text.substr(0, text.find('\n')), text, object.document->path);
      EXPECT_EQ(first->second.first, text) << first->second.second << " and " << object.document->path;
      libraries += !added;
    }
  }
  EXPECT_GT(known.size(), 4u);
  EXPECT_GT(libraries, 20u);
}

}  // namespace
}  // namespace kubegate::gatekeeper
