#include "libradie/text/jis_tables.h"

#include <unicode/ucnv.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libradie/text/icu_status.h"
#include "radie/error.h"

namespace radie {
namespace {

struct CloseConverter {
  void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, CloseConverter>;

Converter Open(const char* name) {
  UErrorCode status = U_ZERO_ERROR;
  Converter converter(ucnv_open(name, &status));
  if (U_SUCCESS(status)) {
    ucnv_setToUCallBack(converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr,
                        &status);
  }
  RequireMemory(status);
  if (U_FAILURE(status)) {
    throw Error(ErrorCode::kInternal, std::string("ICU has no converter ") + name);
  }
  return converter;
}

// The one character that `sequence` is; 0 when it is none. All of these sets are in plane 0.
char16_t CharacterOf(UConverter* converter, std::string_view sequence) {
  char16_t out[4];
  UErrorCode status = U_ZERO_ERROR;
  const int32_t length = ucnv_toUChars(converter, out, 4, sequence.data(),
                                       static_cast<int32_t>(sequence.size()), &status);
  RequireMemory(status);
  return U_SUCCESS(status) && length == 1 ? out[0] : u'\0';
}

// A square of characters; everything outside it is 0.
class Square {
 public:
  // `prefix` stands before the two bytes.
  Square(const char* converter, unsigned first, unsigned last, const std::string& prefix = "")
      : first_(first), size_(last - first + 1), characters_(size_ * size_) {
    const Converter icu = Open(converter);
    for (unsigned i = 0; i < size_ * size_; ++i) {
      const char bytes[] = {static_cast<char>(first + i / size_),
                            static_cast<char>(first + i % size_)};
      characters_[i] = CharacterOf(icu.get(), prefix + std::string(bytes, 2));
    }
  }

  char16_t& At(unsigned row, unsigned cell) {
    return characters_[(row - first_) * size_ + cell - first_];
  }
  char32_t Get(unsigned row, unsigned cell) const {
    const unsigned i = row - first_, j = cell - first_;  // wraps round below the first
    return i < size_ && j < size_ ? characters_[i * size_ + j] : 0;
  }

 private:
  unsigned first_, size_;
  std::vector<char16_t> characters_;
};

constexpr unsigned kGraphicRight = 0xA0;  // EUC's bytes are row and cell above this

Square MakeJisX0208() {
  Square square("euc-jp-2007", 0xA1, 0xFE);
  // ICU maps these as Windows does.
  struct {
    unsigned row, cell;
    char16_t character;
  } constexpr kStandard[] = {{1, 33, u'\u301C'}, {1, 34, u'\u2016'}, {1, 61, u'\u2212'},
                             {1, 81, u'\u00A2'}, {1, 82, u'\u00A3'}, {2, 44, u'\u00AC'}};
  for (const auto& [row, cell, character] : kStandard)
    square.At(kGraphicRight + row, kGraphicRight + cell) = character;
  return square;
}

}  // namespace

char32_t JisX0208(unsigned row, unsigned cell) {
  static const Square square = MakeJisX0208();
  return square.Get(kGraphicRight + row, kGraphicRight + cell);
}

char32_t JisX0212(unsigned row, unsigned cell) {
  static const Square square("euc-jp-2007", 0xA1, 0xFE, "\x8F");
  return square.Get(kGraphicRight + row, kGraphicRight + cell);
}

char32_t Cp932Pair(unsigned lead, unsigned trail) {
  // Leads are 81 to 9F and E0 to FC, trails 40 to 7E and 80 to FC; between them ICU has single
  // bytes, which make two characters and so none of the square's.
  static const Square square("ibm-943_P15A-2003", 0x40, 0xFC);
  return lead < 0x80 ? 0 : square.Get(lead, trail);
}

}  // namespace radie
