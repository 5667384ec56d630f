# NAME_fuzz.cc of each target; more sources, where a libFuzzer program has some.
set(fuzz_targets
  brat c_abi charsets conll crf cut_pattern document extractor hl7 json_lines kernels model_config model_header model_load
  normalization sentencepiece_model sentences terms tokenizers write_html write_json)
set(fuzz_sources_model_config model_mutation.cc)
set(fuzz_sources_model_header model_mutation.cc)
set(fuzz_sources_model_load model_mutation.cc)
