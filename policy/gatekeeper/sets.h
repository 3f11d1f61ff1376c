// Sets: which objects a policy sees beside the one that it judges.
//
// A set is what goes to one cluster: until configuration says otherwise, each path of the command line is one. Its
// inventory is gathered in a pass of its own before anything is judged, and only where a policy asks for it; of what is
// read only the documents of the kinds that policies name are kept.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "policy/gatekeeper/inventory.h"
#include "policy/gatekeeper/template.h"
#include "policy/value/value.h"
#include "validate/base/result.h"
#include "validate/run/run.h"

namespace kubegate::gatekeeper {

class Sets {
 public:
  Sets() = default;
  Sets(const Sets&) = delete;
  Sets& operator=(const Sets&) = delete;

  // Reads the inputs of a run. Objects below the paths of `shared` belong to every set. Standard input is read to its
  // end and options.standard_input becomes a copy of it. Errors: what --inventory names and cannot be read, inputs that
  // can be read but once. Inputs that cannot be read are for the run to tell.
  Result<Done> gather(const InventoryUse& use, std::span<const std::string> shared, run::Options& options);

  // What the objects of a file see.
  struct View {
    const Inventory* objects = nullptr;  // null: nothing was gathered
    policy::Value inventory;             // data.inventory; undefined: empty
    std::string_view digest = {};        // of the objects, as they were read
  };
  View view(std::string_view path) const;

 private:
  struct Set {
    Inventory objects;
    policy::Value inventory;
    std::string digest;
  };
  std::vector<std::unique_ptr<Set>> sets_;
  std::unordered_map<std::string, std::size_t> set_of_;  // by path of a file
};

}  // namespace kubegate::gatekeeper
