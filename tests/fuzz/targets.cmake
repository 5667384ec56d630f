# NAME_fuzz.cc of each target.
set(fuzz_targets
  brat c_abi charsets chunk_framing conll crf cut_pattern document extractor hl7 json_lines kernels model_config model_header
  model_load normalization sentencepiece_model sentences terms tokenizers write_html write_json)
