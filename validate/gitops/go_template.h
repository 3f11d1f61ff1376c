// Templates of ApplicationSets: Go's text/template with the functions of sprig that they mostly use (goTemplate: true),
// and fasttemplate's `{{name}}`.
//
// What is not known to work as in Go is never guessed: a function that is sprig's and not here makes the result
// `unknown`, everything that Go itself would refuse makes it `failed`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "validate/gitops/value.h"

namespace kubegate::gitops {

struct TemplateResult {
  std::string text;
  std::string error;     // what is wrong; "" is nothing
  bool unknown = false;  // kubegate cannot tell what Go would make of it
  std::string missing;   // the first name that the parameters lack and that left `<no value>` or itself behind
};

// `strict`: the option missingkey=error. Bounded in time and in what it writes.
TemplateResult render_go_template(std::string_view text, const Value& parameters, bool strict);

// Parameters are texts by their whole names ("path.basename"); what is not among them stays as it is written.
TemplateResult render_fast_template(std::string_view text, const Value& parameters);

// A name as Argo CD makes it fit for Kubernetes (utils.SanitizeName).
std::string normalized_name(std::string_view name);

}  // namespace kubegate::gitops
