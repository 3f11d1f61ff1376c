// Tracer: which part of a document made a rule say what it says. Cold.
//
// A machine that traces (Machine::trace) tells its tracer of every instruction, before and after. The tracer keeps, for
// each register, the node of the document that its value came from, and for each frame the trail: what the way to the
// present instruction has read and asked. What a rule adds to its document is put down to the last question on the
// trail that was about the document.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "policy/rego/program.h"
#include "policy/value/document_root.h"
#include "policy/value/value.h"
#include "validate/document/document.h"

namespace kubegate::rego {

class Tracer {
 public:
  // What is known of an instruction's operands before it runs.
  struct Step {
    Value from;  // R[a] of a step
    Value key;   // R[b] of a step
    document::NodeIndex origin = document::kNoNode, key_origin = document::kNoNode;
  };

  // `object`: the part of root's document that questions are about. Both outlive the tracer.
  Tracer(const Program& program, const policy::DocumentRoot& root, document::NodeIndex object);

  // An evaluation begins.
  void begin(Value input);
  // The node that a value which some rule made is put down to; kNoNode where there is none.
  document::NodeIndex cause_of(const Value& made) const;

  // A block begins. Its registers lie nowhere else while it runs.
  void enter(Value* registers);
  Step before(const Instruction& in, Value* registers);
  // `next` runs next.
  void after(const Instruction& in, Value* registers, const Step& step, const Instruction* next);

 private:
  using Node = document::NodeIndex;

  // How much an entry says about why the trail goes on.
  enum class Weight : std::uint8_t {
    kRead,      // something was read, or taken from a collection
    kIdentity,  // a question about what identifies the object: exceptions ask it, and who compares it with others
    kQuestion,
  };
  struct Entry {
    const Instruction* at;
    Node node;
    Weight weight;
    bool failed;
  };
  // A collection under construction.
  struct Building {
    std::size_t trail;                // entries before it
    Node walked = document::kNoNode;  // the first collection of the document that was walked for it
    Node items = document::kNoNode;   // what its items came from
  };
  struct Frame {
    std::size_t trail, building;
    std::unordered_map<const Instruction*, Node> exhausted;  // by kNext: what the turns of its loop failed for
  };

  bool inside(Node node) const { return node >= object_ && node < end_; }
  Node own(const Value& value) const;
  Node origin(const Value& at) const;
  Node operand(Operand operand, const Value* registers) const;
  Node joined(const Instruction& in, const Value* registers) const;
  Node deeper(Node a, Node b) const;
  Node below(const Value& from, Node from_origin, const Value& key, const Value& value) const;
  Node child(const Value& collection, const Value& key) const;
  Node of_path(std::uint32_t number, Value* value) const;
  Node of_get(const Instruction& in, const Value* registers) const;
  void set(Operand dst, Value* registers, Node node);
  void record(const Instruction& in, Node node, Weight weight, bool failed);
  Node last(std::size_t begin, Weight least) const;
  Node cause() const;
  Node failure() const;
  Node returned(const Instruction& in, const Value* registers) const;
  void go_back(const Instruction* to, Node why);

  const Program& program_;
  const policy::DocumentRoot& root_;
  const Node object_;
  Node end_;                                                        // behind the object's last node
  // What says which object this is: metadata, its name and namespace, apiVersion; and its kind, which says nothing.
  std::array<Node, 4> identity_{document::kNoNode, document::kNoNode, document::kNoNode, document::kNoNode};
  Node kind_ = document::kNoNode;
  std::unordered_map<const char*, Node> texts_;                     // where strings of the object begin
  Value input_;

  std::unordered_map<const Value*, Node> registers_;
  std::unordered_map<const void*, Node> made_;  // by where the value lies
  std::unordered_map<std::uint32_t, Node> documents_;
  std::vector<Entry> trail_;
  std::vector<Building> building_;
  std::vector<Frame> frames_;
  std::vector<Node> arguments_;  // of the call that is about to run
  bool has_returned_ = false;    // a block has, since the last instruction began
  Node returned_ = document::kNoNode;
};

}  // namespace kubegate::rego
