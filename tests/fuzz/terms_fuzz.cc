// Any table of terms and any mention: codes come from the table, and small parsers of mentions bear
// any text.
#include <algorithm>
#include <string>
#include <vector>

#include "fuzz.h"
#include "radie/certainty.h"
#include "radie/fhir.h"
#include "radie/terms.h"

namespace radie::fuzz {
namespace {

bool IsDecimal(std::string_view value) {
  return !value.empty() && value.find_first_not_of("0123456789.") == value.npos &&
         std::count(value.begin(), value.end(), '.') <= 1;
}

// A term is found in itself, as a whole.
void CheckOwnTerm(const std::string& mention) {
  if (mention.find_first_of("\t\r") != mention.npos) return;  // no term of a table has them
  try {
    const TermTable table = TermTable::Parse(" " + mention + "\tC\tname\n");
    if (table.size() != 1) return;
    const std::vector<TermCode> codes = table.Find(mention);
    ASSERT_EQ(codes.size(), 1U);
    ASSERT_TRUE(codes.front().whole);
  } catch (const Error& error) {
    ASSERT_TRUE(error.code() == ErrorCode::kInvalidInput ||
                error.code() == ErrorCode::kLimitExceeded)
        << error.what();
  }
}

}  // namespace

// The mention up to the first line feed, then the table.
RADIE_FUZZ_TARGET(terms) {
  const std::size_t cut = std::min(bytes.find('\n'), bytes.size());
  const std::string mention = WellFormed(bytes.substr(0, cut), 512);
  const std::string_view file = bytes.substr(std::min(cut + 1, bytes.size()));
  (void)ClassifyDescriptor(mention);
  CheckOwnTerm(mention);
  for (const Quantity& quantity : ParseLengths(mention)) {
    ASSERT_TRUE(IsDecimal(quantity.value)) << quantity.value;
    ASSERT_TRUE(quantity.unit == "mm" || quantity.unit == "cm");
  }
  try {
    const TermTable table = TermTable::Parse(file, "file");
    for (const TermCode& code : table.Find(mention)) {
      ASSERT_NE(file.find(code.term), file.npos);
      ASSERT_NE(file.find(code.code), file.npos);
    }
  } catch (const Error& error) {
    ASSERT_TRUE(error.code() == ErrorCode::kInvalidInput ||
                error.code() == ErrorCode::kLimitExceeded ||
                error.code() == ErrorCode::kInvalidText)
        << error.what();
    ExpectNoSecret(error.what());
  }
}

}  // namespace radie::fuzz
