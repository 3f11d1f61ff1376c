// Result<T>: what a function returns when kubegate itself may be unable to do its work.
//
// There are two error channels and they never mix. A Result carries an Error when the *tool* cannot go on (a file
// cannot be opened, a flag is malformed, a bundle is damaged). What is wrong with the *user's manifests* is never an
// Error: it is a Finding (finding.h), collected and reported like every other.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace kubegate {

enum class ErrorCode : std::uint8_t {
  kArgument,  // a flag, an option or a configuration value that cannot be used
  kIo,        // a file, folder or stream that cannot be read
  kData,      // a bundle, CRD or OpenAPI document that cannot be understood
  kLimit,     // a bound was reached
  kInternal,  // a defect of kubegate
};

// Why the tool could not do its work. `message` is a whole sentence for the user; `subject` names the flag, path or
// bundle at fault and may be empty.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string subject;
  std::string message;

  // "subject: message", or the message alone.
  std::string text() const { return subject.empty() ? message : subject + ": " + message; }
};

// Either a T or an Error. Check ok() before value(); error() only when !ok().
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}
  Result(Error error) : state_(std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

// The Result of work that yields nothing.
struct Done {};

}  // namespace kubegate
