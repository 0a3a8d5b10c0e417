# sluice_embed_openapi(OUTPUT): joins docs/openapi.yaml and its parts into a C file at build time, by the first Python that has
# PyYAML: the one on PATH may be another than the system's, which has it from apt.
function(sluice_embed_openapi output)
  foreach(candidate python3 /usr/bin/python3)
    execute_process(COMMAND ${candidate} -c "import yaml" RESULT_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
    if(status EQUAL 0)
      set(python ${candidate})
      break()
    endif()
  endforeach()
  if(NOT python)
    message(FATAL_ERROR "no python3 with PyYAML was found, which joins docs/openapi.yaml (apt install python3-yaml)")
  endif()
  file(GLOB parts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/docs/openapi/*.yaml)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${python} ${CMAKE_SOURCE_DIR}/cmake/join_openapi.py ${CMAKE_SOURCE_DIR}/docs ${output}
    DEPENDS ${parts} ${CMAKE_SOURCE_DIR}/docs/openapi.yaml ${CMAKE_SOURCE_DIR}/cmake/join_openapi.py
    VERBATIM)
endfunction()
