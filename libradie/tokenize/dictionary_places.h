// Where a MeCab dictionary of a given name lies on this machine.
#pragma once

#include <string>
#include <string_view>

namespace radie {

// The folder of the first one there is:
//   ipadic        Debian's mecab-ipadic-utf8, PyPI's ipadic
//   unidic_lite   PyPI's unidic-lite
//   another name  a folder of that name where MeCab and Debian keep dictionaries, PyPI's package of
//                 that name
// PyPI's packages are looked for in $VIRTUAL_ENV, in ~/.local and in the system's Pythons, newest
// first. Throws Error: kIo saying what to install, kInvalidArgument where IsDictionaryName says no.
std::string FindDictionary(std::string_view given);

}  // namespace radie
