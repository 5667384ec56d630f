# cmake -DNM=nm -DOBJECTS=a.o;b.o -P: fails when an object defines a weak function.
if(NOT OBJECTS)
  message(FATAL_ERROR "no object to look at")
endif()
foreach(object IN LISTS OBJECTS)
  execute_process(COMMAND ${NM} -C ${object} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX REPLACE "[^\n]* DW\\.ref\\.[^\n]*" "" symbols "${symbols}")  # of exception tables: data, the same in all
  if(symbols MATCHES "(^|\n)[0-9a-f]+ [WVu] ([^\n]*)")
    message(FATAL_ERROR "${object} defines ${CMAKE_MATCH_2}, which other files may share")
  endif()
endforeach()
