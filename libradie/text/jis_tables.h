// The double-byte character sets of Japan, by ICU's tables. These agree with Python's codecs; a
// test compares every character.
#pragma once

namespace radie {

// All return 0 where the set has no character. Thread-safe; the first call of each reads its table
// out of ICU (some milliseconds) and throws Error(kInternal) when ICU was built without it.

// Row and cell 1 to 94. JIS X 0208 as its own standard maps it (〜 U+301C, − U+2212, ‖ U+2016,
// ¢ £ ¬), with the rows that CP51932 adds: 13 (NEC), 89 to 92 (IBM's, as NEC selected them).
char32_t JisX0208(unsigned row, unsigned cell);

// Row and cell 1 to 94. JIS X 0212, with the Roman numerals and ㈱ that IBM adds in row 83.
char32_t JisX0212(unsigned row, unsigned cell);

// Windows' code page 932 (～ U+FF5E, － U+FF0D, ∥ U+2225, ￠ ￡ ￢); lead and trail are any bytes.
// User-defined characters (leads F0 to F9) are U+E000 to U+E757.
char32_t Cp932Pair(unsigned lead, unsigned trail);

}  // namespace radie
