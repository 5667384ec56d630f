// What a run has read, in one value.
#pragma once

#include <string>

#include "tools/extract_item.h"

namespace radie::tools {

// A chain of SHA-256 over reports in their order: runs with the same value have read the same
// reports, to the last byte, under the same ids.
class ItemDigest {
 public:
  void Add(const ExtractItem& item);

  const std::string& hex() const { return hex_; }

 private:
  std::string hex_;  // empty before the first report
};

}  // namespace radie::tools
