#include "net/mailbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace missive::net {
namespace {

// A burst larger than this does not keep its memory.
constexpr std::size_t kept_capacity = 4096;

}  // namespace

Mailbox::Mailbox() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "cannot create an eventfd");
}

Mailbox::~Mailbox() { ::close(fd_); }

void Mailbox::push(Task task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    if (signalled_) return;
    signalled_ = true;
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(fd_, &one, sizeof one);
}

std::size_t Mailbox::drain() {
  // The eventfd first: a push() between the two is in the list that is taken next.
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = ::read(fd_, &count, sizeof count);
  {
    const std::lock_guard lock(mutex_);
    tasks_.swap(running_);
    signalled_ = false;
  }
  for (auto& task : running_) {
    if (task) task();
    task.reset();
  }
  const auto ran = running_.size();
  running_.clear();
  if (running_.capacity() > kept_capacity) std::vector<Task>().swap(running_);
  return ran;
}

bool Mailbox::clear() {
  std::vector<Task> dropped;  // outlives the lock: what a task holds may post when it goes
  const std::lock_guard lock(mutex_);
  tasks_.swap(dropped);
  return !dropped.empty();
}

}  // namespace missive::net
