# sluice_embed_web(OUTPUT): writes a C file with the pages of web/ at build time. SLUICE_WEB says what a missing or failing npm
# means: ON, an error; AUTO, a warning and a program without pages, tried again by the next build; OFF, no pages.
function(sluice_embed_web output)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/web/src/*)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -DFOLDER=${CMAKE_SOURCE_DIR}/web -DMODE=${SLUICE_WEB}
            -P ${CMAKE_SOURCE_DIR}/cmake/embed_web.cmake
    DEPENDS ${sources} ${CMAKE_SOURCE_DIR}/web/build.mjs ${CMAKE_SOURCE_DIR}/web/package-lock.json
            ${CMAKE_SOURCE_DIR}/cmake/embed_web.cmake
    VERBATIM)
endfunction()
