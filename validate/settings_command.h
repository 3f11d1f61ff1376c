// The flags by which settings are given, of `validate` and `config show`.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "validate/named_flags.h"
#include "validate/settings.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace kubegate {

// Adds the flags that are named to a command; take() tells, after parsing, what was given. Outlives the parsing.
class SettingArguments {
 public:
  // `outputs`: with --output.
  void add_to(CLI::App& command, bool outputs, const NamedFlags& named = {});
  SettingFlags take() const;

 private:
  struct Given {
    CLI::Option* option = nullptr;
    std::vector<std::string> texts;
    bool on = false;
  };
  std::map<config::Key, Given> given_;
  std::string file_;
  bool no_file_ = false;
};

}  // namespace kubegate
