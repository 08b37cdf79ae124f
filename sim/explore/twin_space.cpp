#include "sim/explore/twin_space.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>

#include "consensus/core/ensure.hpp"

namespace waggle::sim {
namespace {

using Partition = std::vector<std::uint32_t>;

/// Images of all letters under all symmetries are kept.
constexpr std::uint64_t kImagesMax = 32'000'000;

std::optional<std::uint64_t> product(std::uint64_t a, std::uint64_t b) {
  if (b != 0 && a > std::numeric_limits<std::int64_t>::max() / b) return std::nullopt;
  return a * b;
}

std::uint64_t power(std::uint64_t base, std::uint32_t exponent) {
  std::uint64_t result = 1;
  for (; exponent > 0; --exponent) result *= base;
  return result;
}

/// All ways to put the addresses from groups.size() on into at most `most` groups.
void extend(Partition& groups, std::uint32_t used, std::size_t addresses, std::uint32_t most,
            std::vector<Partition>& found) {
  if (groups.size() == addresses) {
    found.push_back(groups);
    return;
  }
  for (std::uint32_t group = 0; group < std::min(used + 1, most); ++group) {
    groups.push_back(group);
    extend(groups, std::max(used, group + 1), addresses, most, found);
    groups.pop_back();
  }
}

/// Partition numbered in the order of their first address.
Partition numbered(const Partition& groups) {
  Partition names;
  Partition result;
  for (const std::uint32_t group : groups) {
    const auto known = std::find(names.begin(), names.end(), group);
    result.push_back(static_cast<std::uint32_t>(known - names.begin()));
    if (known == names.end()) names.push_back(group);
  }
  return result;
}

/// Where every address goes: honest replicas and twin identities among themselves, and the two
/// addresses of each twin identity as `swapped` says, one bit each.
Partition symmetry(const TwinSpaceOptions& options, const Partition& honest, const Partition& twins,
                   std::uint32_t swapped) {
  Partition to(options.n + options.twins);
  for (std::uint32_t i = 0; i < honest.size(); ++i) to[options.twins + i] = honest[i];
  for (std::uint32_t i = 0; i < twins.size(); ++i) {
    const bool swap = (swapped >> i & 1) != 0;
    to[i] = swap ? options.n + twins[i] : twins[i];
    to[options.n + i] = swap ? twins[i] : options.n + twins[i];
  }
  return to;
}

}  // namespace

Result<TwinSpace, std::string> TwinSpace::make(const TwinSpaceOptions& options) {
  ENSURE(options.twins < options.n && options.views > 0 && options.partitions_max > 0);
  TwinSpace space(options);
  space.list_letters();
  std::uint64_t symmetries = std::uint64_t{1} << options.twins;
  for (std::uint64_t i = 2; i <= options.twins; ++i) symmetries *= i;
  for (std::uint64_t i = 2; i <= options.n - options.twins; ++i) symmetries *= i;
  const std::uint64_t letters = space.choices();
  std::optional<std::uint64_t> all = symmetries;
  for (std::uint32_t view = 0; view < options.views && all; ++view) all = product(*all, letters);
  if (!all || letters > std::numeric_limits<Letter>::max() || symmetries * letters > kImagesMax) {
    return Unexpected{
        std::string("there are too many schedules to count: take fewer views, "
                    "partitions or replicas")};
  }
  space.list_symmetries();
  Subgroup everything(space.images_.size());
  std::iota(everything.begin(), everything.end(), 0U);
  space.size_ = space.count(everything, options.views);
  space.roots_ = space.branches(everything, options.views);
  return space;
}

void TwinSpace::list_letters() {
  Partition groups;
  extend(groups, 0, options_.n + options_.twins, options_.partitions_max, partitions_);
}

TwinSpace::Letter TwinSpace::letter_of(const TwinView& view) const {
  const auto at = std::lower_bound(partitions_.begin(), partitions_.end(), view.groups);
  ENSURE(at != partitions_.end() && *at == view.groups, "all partitions are listed");
  const auto partition = static_cast<std::size_t>(at - partitions_.begin());
  return static_cast<Letter>(view.leader * partitions_.size() + partition);
}

void TwinSpace::list_symmetries() {
  Partition honest(options_.n - options_.twins);
  std::iota(honest.begin(), honest.end(), options_.twins);
  do {
    Partition twins(options_.twins);
    std::iota(twins.begin(), twins.end(), 0U);
    do {
      for (std::uint32_t swapped = 0; swapped >> options_.twins == 0; ++swapped) {
        const Partition to = symmetry(options_, honest, twins, swapped);
        std::vector<Letter> image;
        std::uint64_t fixed = 0;
        for (std::uint32_t leader = 0; leader < options_.n; ++leader) {
          const std::uint32_t moved = to[leader];
          const std::uint32_t leads = moved < options_.n ? moved : moved - options_.n;
          for (const Partition& groups : partitions_) {
            Partition permuted(groups.size());
            for (std::size_t i = 0; i < groups.size(); ++i) permuted[to[i]] = groups[i];
            const Letter letter = letter_of({leads, numbered(permuted)});
            fixed += letter == image.size() ? 1 : 0;
            image.push_back(letter);
          }
        }
        images_.push_back(std::move(image));
        fixed_.push_back(fixed);
      }
    } while (std::next_permutation(twins.begin(), twins.end()));
  } while (std::next_permutation(honest.begin(), honest.end()));
}

std::uint64_t TwinSpace::count(const Subgroup& symmetries, std::uint32_t views) const {
  std::uint64_t sum = 0;
  for (const std::uint32_t one : symmetries) sum += power(fixed_[one], views);
  return sum / symmetries.size();
}

std::vector<TwinSpace::Branch> TwinSpace::branches(const Subgroup& symmetries,
                                                   std::uint32_t views) const {
  std::vector<Branch> found;
  for (std::uint64_t letter = 0; letter < choices(); ++letter) {
    // A schedule in its least form begins with the least of all images of its first letter.
    Subgroup stabilizer;
    bool least = true;
    for (const std::uint32_t one : symmetries) {
      const Letter image = images_[one][letter];
      least = least && image >= letter;
      if (image == letter) stabilizer.push_back(one);
    }
    if (!least) continue;
    const std::uint64_t size = count(stabilizer, views - 1);
    found.push_back({static_cast<Letter>(letter), std::move(stabilizer), size});
  }
  return found;
}

std::vector<TwinView> TwinSpace::at(std::uint64_t number) const {
  ENSURE(number < size_);
  std::vector<TwinView> schedule;
  const std::vector<Branch>* level = &roots_;
  std::vector<Branch> below;
  for (std::uint32_t left = options_.views; left > 0; --left) {
    auto branch = level->begin();
    while (number >= branch->size) number -= (branch++)->size;
    const std::size_t partition = branch->letter % partitions_.size();
    const auto leader = static_cast<std::uint32_t>(branch->letter / partitions_.size());
    schedule.push_back({leader, partitions_[partition]});
    if (left == 1) break;
    below = branches(Subgroup(branch->stabilizer), left - 1);
    level = &below;
  }
  return schedule;
}

}  // namespace waggle::sim
