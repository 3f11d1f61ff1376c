// A map whose latest entries can be forgotten: what a scope adds is gone at its end, without a copy at its beginning.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace kubegate::rego {

template <class Key, class Value, class Less = std::less<Key>>
class ScopedMap {
 public:
  template <class K>
  auto find(const K& key) const {
    return map_.find(key);
  }
  auto begin() const { return map_.begin(); }
  auto end() const { return map_.end(); }

  void set(const Key& key, Value value) {
    const auto [entry, fresh] = map_.try_emplace(key, value);
    undo_.emplace_back(key, fresh ? std::nullopt : std::optional<Value>(entry->second));
    entry->second = value;
  }

  // rewind(mark()) forgets what was set in between.
  std::size_t mark() const { return undo_.size(); }
  void rewind(std::size_t mark) {
    for (; undo_.size() > mark; undo_.pop_back()) {
      const auto& [key, before] = undo_.back();
      if (before) {
        map_.find(key)->second = *before;
      } else {
        map_.erase(map_.find(key));
      }
    }
  }

 private:
  std::map<Key, Value, Less> map_;
  std::vector<std::pair<Key, std::optional<Value>>> undo_;  // what each set() put away
};

}  // namespace kubegate::rego
