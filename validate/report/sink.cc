#include "validate/report/sink.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace kubegate::report {

void Sink::flush() {
  if (descriptor_ < 0 || text_.empty()) return;
  if (shared_ != nullptr) shared_->begin_writing();
  std::string_view rest = text_;
  while (!rest.empty() && failure_ == 0) {
    const ssize_t n = write(descriptor_, rest.data(), rest.size());
    if (n >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno != EINTR) {
      failure_ = errno;
    }
  }
  text_.clear();
  if (shared_ != nullptr) shared_->end_writing();
}

Result<Done> Sink::status() const {
  if (failure_ == 0 || failure_ == EPIPE) return Done{};
  return Error{ErrorCode::kIo, name_, std::strerror(failure_)};
}

}  // namespace kubegate::report
