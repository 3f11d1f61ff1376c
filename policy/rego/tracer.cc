// Why the last question is the answer. A body of a rule narrows down what it is about: it picks a collection, then an
// item, then asks the item for what must not be; questions that hold for many objects come first, the one that tells a
// good object from a bad one comes last, and behind it there is only the message, which asks nothing. Where the last
// question was about something computed, origins lead back to what it was computed of: a set of labels to the mapping
// that was walked, the result of a function to what the function was asked or asked itself. What is missing is put down
// to the nearest thing that is there.
//
// Backtracking goes to a kNext further up, so entries of the trail behind that instruction are void; a loop that ends
// without a solution is itself a question, about its collection, or about what its turns failed for.
//
// All this is a guess about what a reader wants to see; nothing but the place of a finding depends on it.
//
// Tested in tests/policy/gatekeeper/causes_test.cc.
#include "policy/rego/tracer.h"

#include <algorithm>

#include "policy/rego/eval_scan.h"
#include "validate/base/hash.h"

namespace kubegate::rego {

using document::kNoNode;
using policy::DocumentRoot;

namespace {

// Calls and literals, whose operands are a list.
bool takes_list(Op op) { return op >= Op::kArray && op <= Op::kCallMocked; }
bool asks(const Instruction& in) { return in.dst == kWantTrue || in.dst == kWantFalse; }

// Where a value lies that no other value shares.
const void* address(const Value& value) {
  switch (value.rep()) {
    case Value::Rep::kString: return value.text().data();
    case Value::Rep::kArray:
    case Value::Rep::kSet: return value.items().data();
    case Value::Rep::kObject: return value.members().data();
    default: return nullptr;
  }
}

}  // namespace

Tracer::Tracer(const Program& program, const DocumentRoot& root, Node object)
    : program_(program), root_(root), object_(object) {
  const document::Document& document = root.document();
  end_ = document.next(object);
  for (Node node = object; node < end_; ++node) {
    if (document[node].kind != document::Kind::kString) continue;
    const std::string_view text = root.text_of(node);
    if (!text.empty()) texts_.try_emplace(text.data(), node);
  }
  if (const Node metadata = document.find(object, "metadata"); metadata != kNoNode) {
    identity_ = {metadata, document.find(metadata, "name"), document.find(metadata, "namespace"), kNoNode};
  }
  identity_[3] = document.find(object, "apiVersion");
  kind_ = document.find(object, "kind");
}

void Tracer::begin(Value input) {
  input_ = input;
  registers_.clear();
  made_.clear();
  documents_.clear();
  trail_.clear();
  building_.clear();
  frames_.clear();
  arguments_.clear();
}

Tracer::Node Tracer::cause_of(const Value& made) const {
  const auto found = made_.find(address(made));
  return found == made_.end() ? kNoNode : found->second;
}

void Tracer::enter(Value* registers) {
  frames_.push_back({trail_.size(), building_.size(), {}});
  for (std::size_t i = 0; i < arguments_.size(); ++i) registers_[registers + i] = arguments_[i];
  arguments_.clear();
}

// ---- Origins -------------------------------------------------------------------------------------------------------

// What a value says of its origin itself.
Tracer::Node Tracer::own(const Value& value) const {
  if (value.is_node()) return &value.root() == &root_ && inside(value.node()) ? value.node() : kNoNode;
  if (value.is_string()) {
    if (const auto found = texts_.find(value.text().data()); found != texts_.end()) return found->second;
  }
  return cause_of(value);
}

Tracer::Node Tracer::origin(const Value& at) const {
  if (const auto known = registers_.find(&at); known != registers_.end() && known->second != kNoNode) {
    return known->second;
  }
  return own(at);
}

Tracer::Node Tracer::operand(Operand operand, const Value* registers) const {
  return operand < 0 || operand >= kWantFalse ? kNoNode : origin(registers[operand]);
}

Tracer::Node Tracer::joined(const Instruction& in, const Value* registers) const {
  Node all = kNoNode;
  for (std::uint32_t i = 0; i < in.n; ++i) {
    all = deeper(all, operand(program_.operands_[static_cast<std::size_t>(in.a) + i], registers));
  }
  return all;
}

// The inner one of two where one is in the other, otherwise the second.
Tracer::Node Tracer::deeper(Node a, Node b) const {
  if (a == kNoNode || b == kNoNode) return a == kNoNode ? b : a;
  const document::Node& outer = root_.document()[b];
  return outer.is_collection() && a > b && a < outer.children.end ? a : b;
}

// The node of what a collection of the document has at a key.
Tracer::Node Tracer::child(const Value& collection, const Value& key) const {
  if (collection.is_object()) {
    return key.is_string() ? root_.find(collection.node(), key.text(), hash_key(key.text())) : kNoNode;
  }
  if (!key.is_int() || key.int_value() < 0 || key.int_value() >= policy::count(collection)) return kNoNode;
  Node item = collection.node() + 1;
  for (std::int64_t i = 0; i < key.int_value(); ++i) item = root_.document().next(item);
  return item;
}

// Of the value at a key of `from`.
Tracer::Node Tracer::below(const Value& from, Node from_origin, const Value& key, const Value& value) const {
  if (from.is_node() && own(from) != kNoNode) {
    const Node found = child(from, key);
    if (found != kNoNode) return found;
    // metadata that lacks these is at fault itself, whereas a name that it lacks says nothing: its key stands for it.
    const bool lacks =
        from.node() == identity_[0] && key.is_string() && (key.text() == "labels" || key.text() == "annotations");
    return lacks ? from.node() - 1 : from.node();
  }
  const Node node = own(value);
  return node == kNoNode ? from_origin : node;
}

Tracer::Node Tracer::of_path(std::uint32_t number, Value* value) const {
  const ConstantPath& here = program_.paths_[number];
  if (here.data) return *value = Value(), kNoNode;
  if (number <= 1) return *value = input_, kNoNode;
  Value parent;
  const Node above = of_path(here.parent, &parent);
  const Value key = Value::string(here.key.text);
  *value = policy::lookup(parent, key);
  return below(parent, above, key, *value);
}

// object.get(object, key or path, default).
Tracer::Node Tracer::of_get(const Instruction& in, const Value* registers) const {
  const auto value_of = [&](std::uint32_t i) {
    const Operand operand = program_.operands_[static_cast<std::size_t>(in.a) + i];
    return operand >= 0 ? registers[operand] : program_.constants_[static_cast<std::size_t>(~operand)];
  };
  Value value = value_of(0);
  Node node = operand(program_.operands_[static_cast<std::size_t>(in.a)], registers);
  const auto step = [&](const Value& key) {
    const Value inner = policy::lookup(value, key);
    node = below(value, node, key, inner);
    value = inner;
  };
  const Value path = value_of(1);
  if (!path.is_array()) return step(path), node;
  for (policy::Cursor key(path); key.next() && value.defined();) step(key.value());
  return node;
}

void Tracer::set(Operand dst, Value* registers, Node node) {
  if (dst < 0 || dst >= kWantFalse) return;
  registers_[registers + dst] = node;
  const Value& value = registers[dst];
  if (node != kNoNode && address(value) != nullptr && own(value) == kNoNode) made_[address(value)] = node;
}

// ---- The trail -----------------------------------------------------------------------------------------------------

void Tracer::record(const Instruction& in, Node node, Weight weight, bool failed) {
  if (node == kNoNode || node == kind_) return;
  if (weight == Weight::kQuestion && std::count(identity_.begin(), identity_.end(), node) != 0) {
    weight = Weight::kIdentity;
  }
  trail_.push_back({&in, node, weight, failed});
}

Tracer::Node Tracer::last(std::size_t begin, Weight least) const {
  for (std::size_t i = trail_.size(); i > begin; --i) {
    if (trail_[i - 1].weight >= least) return trail_[i - 1].node;
  }
  return kNoNode;
}

// What the way to here is put down to.
Tracer::Node Tracer::cause() const {
  const std::size_t begin = frames_.back().trail;
  for (const Weight least : {Weight::kQuestion, Weight::kIdentity, Weight::kRead}) {
    if (const Node node = last(begin, least); node != kNoNode) return node;
  }
  return kNoNode;
}

// What it is put down to that no body held: something that is there rather than something that is not.
Tracer::Node Tracer::failure() const {
  Node leaf = kNoNode, all = kNoNode;
  for (std::size_t i = frames_.back().trail; i < trail_.size(); ++i) {
    if (!trail_[i].failed) continue;
    all = deeper(all, trail_[i].node);
    if (!root_.document()[trail_[i].node].is_collection()) leaf = trail_[i].node;
  }
  return leaf != kNoNode ? leaf : all;
}

Tracer::Node Tracer::returned(const Instruction& in, const Value* registers) const {
  const bool constant = in.a < 0;
  if (in.a == kNoOperand || (!constant && !registers[in.a].defined())) {
    const Node node = failure();
    return node != kNoNode ? node : cause();
  }
  const Node node = operand(in.a, registers);
  return node != kNoNode ? node : cause();
}

// The trail behind `to` is void. A loop that is gone on with remembers why.
void Tracer::go_back(const Instruction* to, Node why) {
  Frame& frame = frames_.back();
  while (trail_.size() > frame.trail && trail_.back().at >= to) trail_.pop_back();
  if (why == kNoNode || to->op != Op::kNext) return;
  Node& known = frame.exhausted.try_emplace(to, kNoNode).first->second;
  known = deeper(known, why);
}

// ---- Instructions --------------------------------------------------------------------------------------------------

Tracer::Step Tracer::before(const Instruction& in, Value* registers) {
  has_returned_ = false;
  arguments_.clear();
  Step step;
  if (takes_list(in.op) || in.op == Op::kAddPath) {
    step.origin = joined(in, registers);
    if (in.op == Op::kCallFunction || in.op == Op::kCallMocked) {
      for (std::uint32_t i = 0; i < in.n; ++i) {
        arguments_.push_back(operand(program_.operands_[static_cast<std::size_t>(in.a) + i], registers));
      }
    } else if (in.op == Op::kCallBuiltin && in.n >= 2 && program_.builtins_[in.imm]->name == "object.get") {
      step.origin = of_get(in, registers);
    }
    return step;
  }
  switch (in.op) {
    case Op::kStep:
    case Op::kStepText:
    case Op::kElement: {
      step.from = in.a >= 0 ? registers[in.a] : program_.constants_[static_cast<std::size_t>(~in.a)];
      step.origin = operand(in.a, registers);
      if (in.op == Op::kStepText) step.key = Value::string(program_.keys_[in.imm].text);
      if (in.op == Op::kElement) step.key = Value::integer(in.imm);
      if (in.op == Op::kStep) {
        step.key = in.b >= 0 ? registers[in.b] : program_.constants_[static_cast<std::size_t>(~in.b)];
        step.key_origin = operand(in.b, registers);
      }
      break;
    }
    case Op::kEqual:
    case Op::kNotEqual:
    case Op::kLess:
    case Op::kLessEqual:
    case Op::kGreater:
    case Op::kGreaterEqual:
    case Op::kAddMember:
    case Op::kScanWhere: step.origin = deeper(operand(in.a, registers), operand(in.b, registers)); break;
    case Op::kMember:
      step.origin = operand(in.a, registers);
      arguments_.push_back(step.origin);
      break;
    case Op::kReturn:
      returned_ = returned(in, registers);
      has_returned_ = true;
      trail_.resize(frames_.back().trail);
      building_.resize(frames_.back().building);
      frames_.pop_back();
      break;
    default:
      if (in.op != Op::kDocument && in.op != Op::kPath) step.origin = operand(in.a, registers);
  }
  return step;
}

void Tracer::after(const Instruction& in, Value* registers, const Step& step, const Instruction* next) {
  const bool jumped = next != &in + 1;
  Node node = step.origin;
  Node why = kNoNode;  // of a failure
  const auto question = [&] {
    if (jumped) why = node;
    record(in, node, Weight::kQuestion, jumped);
  };
  // Of what is read, only that it is not there is a question.
  const auto read = [&] {
    set(in.dst, registers, node);
    if (jumped) why = node;
    record(in, node, jumped ? Weight::kQuestion : Weight::kRead, jumped);
  };
  switch (in.op) {
    case Op::kPath: {
      Value value;
      node = of_path(in.imm, &value);
      read();
      break;
    }
    case Op::kStepText:
    case Op::kStep:
    case Op::kElement:
      node = below(step.from, step.origin, step.key, registers[in.dst]);
      if (node == kNoNode && step.key_origin != kNoNode) {  // what the object holds is looked up elsewhere
        node = step.key_origin;
        set(in.dst, registers, node);
        question();
      } else {
        read();
      }
      break;
    case Op::kScan:
    case Op::kScanWhere: {
      const Node walked = operand(in.a, registers);
      if (in.op == Op::kScanWhere || jumped) question();
      if (jumped) break;
      set(in.dst, registers, walked);
      if (building_.size() > frames_.back().building && building_.back().walked == kNoNode) {
        building_.back().walked = walked;
      }
      break;
    }
    case Op::kNext: {
      const Scan& scan = *reinterpret_cast<const Scan*>(registers + in.a);
      Frame& frame = frames_.back();
      if (jumped) {
        const auto turns = frame.exhausted.find(&in);
        // A loop over what was computed of one scalar says less than its turns.
        const bool plain = node == kNoNode || !root_.document()[node].is_collection();
        if (plain && turns != frame.exhausted.end()) node = turns->second;
        question();
        break;
      }
      if (scan.at == 1) frame.exhausted.erase(&in);
      const Value& all = scan.collection;
      Node item = node, key = node;
      if (all.is_node() && own(all) != kNoNode) {
        const document::Document& document = root_.document();
        Node at = all.node() + 1;
        if (scan.order != nullptr) {
          at = scan.order[scan.at - 1];
        } else {
          for (std::uint32_t i = 1; i < scan.at; ++i) at = document.next(all.is_object() ? at + 1 : at);
        }
        item = all.is_object() ? at + 1 : at;
        key = at;
      } else if (in.dst != kNoOperand) {
        const Node known = own(registers[in.dst]);
        if (known != kNoNode) item = known;
      }
      set(in.dst, registers, item);
      if (in.b != kNoOperand) {
        if (const Node known = own(registers[in.b]); !all.is_node() && known != kNoNode) key = known;
        set(in.b, registers, key);
      }
      // Something that was computed and is not empty says that there is something in the first place.
      record(in, in.dst == kNoOperand ? key : item, all.is_node() ? Weight::kRead : Weight::kQuestion, false);
      break;
    }
    case Op::kDocument:
      if (has_returned_) documents_[in.imm] = returned_;
      if (const auto known = documents_.find(in.imm); known != documents_.end()) node = known->second;
      read();
      break;
    case Op::kMember:
    case Op::kCallFunction:
    case Op::kCallMocked:
    case Op::kCallBuiltin:
    case Op::kPlus:
    case Op::kMinus:
    case Op::kTimes:
    case Op::kCount:
    case Op::kStartsWith:
    case Op::kEndsWith:
    case Op::kIsType:
      // A function that read nothing is about what it was given.
      if (has_returned_ && returned_ != kNoNode) node = returned_;
      asks(in) ? question() : read();
      break;
    case Op::kMove:
    case Op::kArray:
    case Op::kSet:
    case Op::kObject:
    case Op::kShape: set(in.dst, registers, node); break;
    case Op::kFormat: asks(in) ? question() : set(in.dst, registers, node); break;
    case Op::kTruthy:
    case Op::kFalsy:
    case Op::kEqual:
    case Op::kNotEqual:
    case Op::kLess:
    case Op::kLessEqual:
    case Op::kGreater:
    case Op::kGreaterEqual:
    case Op::kSwitch: question(); break;
    case Op::kIsCollection:
    case Op::kIsArray:
    case Op::kIsObject:
      if (jumped) why = node;
      record(in, node, jumped ? Weight::kQuestion : Weight::kRead, jumped);
      break;
    case Op::kBegin:
      building_.push_back({trail_.size()});
      set(in.dst, registers, kNoNode);
      break;
    case Op::kAdd:
    case Op::kAddMember:
    case Op::kAddPath: {
      // What an item is put down to: a question that was asked for it, or where it comes from.
      const Node asked = last(frames_.back().trail, Weight::kIdentity);
      Node put_down = asked != kNoNode ? cause() : node != kNoNode ? node : cause();
      if (put_down == kind_) put_down = kNoNode;
      const Operand from = in.op == Op::kAdd         ? in.a
                           : in.op == Op::kAddMember ? in.b
                                                     : program_.operands_[static_cast<std::size_t>(in.a) + in.n - 1];
      const Value* value = from >= 0 ? &registers[from] : &program_.constants_[static_cast<std::size_t>(~from)];
      if (put_down != kNoNode && address(*value) != nullptr) made_[address(*value)] = put_down;
      if (building_.size() > frames_.back().building) {
        building_.back().items = deeper(building_.back().items, node != kNoNode ? node : put_down);
      }
      break;
    }
    case Op::kEndArray:
    case Op::kEndSet:
    case Op::kEndObject:
    case Op::kEndPaths: {
      if (building_.size() <= frames_.back().building) break;
      const Building here = building_.back();
      building_.pop_back();
      node = here.walked;
      if (node == kNoNode) node = here.items;
      if (node == kNoNode) node = last(here.trail, Weight::kRead);
      trail_.resize(std::min(trail_.size(), here.trail));
      set(in.dst, registers, node);
      break;
    }
    case Op::kSetResult: set(in.dst, registers, node != kNoNode ? node : cause()); break;
    default:
      if (in.op == Op::kUndefine || in.op == Op::kDataKeys || in.op == Op::kDataStep || in.op == Op::kDataValue) {
        set(in.dst, registers, kNoNode);
      }
  }
  if (next <= &in) go_back(next, why);
}

}  // namespace kubegate::rego
