# Run at build time by sluice_embed_web(): installs what web/package-lock.json names, once, and bundles the pages into OUTPUT.
set(done ${FOLDER}/node_modules/.installed)
set(status 0)
if(NOT MODE STREQUAL "OFF")
  if(NOT EXISTS ${done} OR ${FOLDER}/package-lock.json IS_NEWER_THAN ${done})
    execute_process(
      COMMAND npm ci --no-audit --no-fund --loglevel=error
      WORKING_DIRECTORY ${FOLDER} TIMEOUT 300 RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE problem)
    if(status EQUAL 0)
      file(TOUCH ${done})
    endif()
  endif()
  if(status EQUAL 0)
    execute_process(
      COMMAND node build.mjs ${OUTPUT}
      WORKING_DIRECTORY ${FOLDER} TIMEOUT 120 RESULT_VARIABLE status ERROR_VARIABLE problem)
  endif()
  if(status EQUAL 0)
    return()
  endif()
endif()
if(MODE STREQUAL "ON")
  message(FATAL_ERROR "the pages of web/ could not be built (SLUICE_WEB=OFF builds without them): ${status}\n${problem}")
endif()
file(WRITE ${OUTPUT} "#include \"api/web_assets.h\"\n\nconst struct web_asset web_assets[] = {{0}};\nconst struct html_template web_templates[] = {{0}};\n")
if(MODE STREQUAL "AUTO")
  message(WARNING "sluice-api is built without its pages, because npm could not build them: ${status}\n${problem}")
  execute_process(COMMAND touch -d @1 ${OUTPUT}) # older than its sources, so that the next build tries again
endif()
